namespace Aspire.Hosting.ApplicationModel
{
    /// <summary>A resource that is given environment variables.</summary>
    public interface IResourceWithEnvironment : IResource;

    /// <summary>A resource that is given command line arguments.</summary>
    public interface IResourceWithArgs : IResource;

    /// <summary>A resource that listens on endpoints.</summary>
    public interface IResourceWithEndpoints : IResource;

    /// <summary>A resource whose start can wait for others.</summary>
    public interface IResourceWithWaitSupport : IResource;

    /// <summary>A resource that runs code.</summary>
    public interface IComputeResource : IResource;
}

namespace Aspire.Hosting
{
    /// <summary>A resource that others find by its name through service discovery.</summary>
    public interface IResourceWithServiceDiscovery : ApplicationModel.IResourceWithEndpoints;
}
