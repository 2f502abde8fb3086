using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace LocalHosting.Orchestration;

/// <summary>Where the host keeps files. What a session alone needs is deleted when the host ends.</summary>
internal sealed class HostPaths : IDisposable
{
    private readonly bool _keepsNothing;

    private HostPaths(string repository, string state, bool keepsNothing)
    {
        Repository = repository;
        State = state;
        _keepsNothing = keepsNothing;
        Session = Directory.CreateTempSubdirectory("aspiresse-").FullName;
    }

    /// <summary>The folder of the solution.</summary>
    public string Repository { get; }

    /// <summary>What outlives a run.</summary>
    public string State { get; }

    /// <summary>What does not; only the user who runs the host can read it.</summary>
    public string Session { get; }

    public static HostPaths Create(string appHostDirectory, IServiceProvider services, bool underTest)
    {
        var repository = FindRepository(appHostDirectory);
        var state = services.GetRequiredService<IOptions<LocalHostingOptions>>().Value.StatePath;
        return new(repository, Path.GetFullPath(state ?? ".aspiresse", repository), underTest);
    }

    /// <summary>The folder for the data of a resource.</summary>
    public string Data(string name) => Path.Combine(_keepsNothing ? Session : State, name);

    public void Dispose()
    {
        try
        {
            Directory.Delete(Session, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A process that was killed a moment ago can still hold a file; the system's own cleaning of the temporary folder gets it.
        }
    }

    private static string FindRepository(string from)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            if (folder.EnumerateFiles("*.sln*").Any() || Directory.Exists(Path.Combine(folder.FullName, ".git")))
            {
                return folder.FullName;
            }
        }

        return from;
    }
}
