namespace Aspire.Hosting.ApplicationModel;

/// <summary>A value that the app is given from outside, such as a key.</summary>
public class ParameterResource(string name, Func<string> value, bool secret = false) : Resource(name), IExpressionValue
{
    private readonly Lazy<string> _value = new(value);

    /// <summary>Whether the value is kept out of what is shown.</summary>
    public bool Secret { get; } = secret;

    /// <inheritdoc/>
    public string ValueExpression => $"{{{Name}.value}}";

    /// <exception cref="DistributedApplicationException">No value was given; the message says where to set one.</exception>
    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken) => ValueTask.FromResult<string?>(_value.Value);
}
