using Tests.Fixtures;

namespace Tests.Integration.WholeApp;

/// <summary>One running app for the tests of a collection, which run one after the other and leave it whole.</summary>
public sealed class SharedApp : IAsyncLifetime
{
    private RunningApp? _running;

    public RunningApp Running => _running!;

    public async ValueTask InitializeAsync() => _running = await RunningApp.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_running is not null)
            await _running.DisposeAsync();
    }
}

/// <summary>Tests that share the app.</summary>
[CollectionDefinition(Name)]
public sealed class SharedAppCollection : ICollectionFixture<SharedApp>
{
    public const string Name = "shared app";
}
