namespace Dashboard.Consoles;

/// <summary>A line and the replica that printed it.</summary>
public sealed class ConsoleRow(string replica, Resources.ConsoleLine line)
{
    private string? _plain;

    public string Replica => replica;

    public Resources.ConsoleLine Line => line;

    /// <summary>The text without escape sequences.</summary>
    public string Plain => _plain ??= AnsiText.Plain(line.Text);
}
