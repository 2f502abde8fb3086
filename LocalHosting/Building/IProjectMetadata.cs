using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting
{
    /// <summary>What the AppHost knows of a project. The build generates one class for each project that the AppHost references.</summary>
    public interface IProjectMetadata : IResourceAnnotation
    {
        /// <summary>The full path of the project file.</summary>
        string ProjectPath { get; }

        /// <summary>The launch settings, where they do not come from the project's file.</summary>
        LaunchSettings? LaunchSettings => null;

        /// <summary>Whether the project was built together with the AppHost.</summary>
        bool SuppressBuild => false;
    }
}

namespace LocalHosting
{
    /// <summary>A project whose output is known, because the AppHost's build made it.</summary>
    public interface IBuiltProject
    {
        /// <summary>The full path of the assembly to run.</summary>
        string TargetPath { get; }
    }
}
