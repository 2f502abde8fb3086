using System.Collections;
using Aspire.Hosting.ApplicationModel;

namespace LocalHosting.Orchestration;

/// <summary>All replicas of the app.</summary>
internal sealed class ReplicaSet : IEnumerable<Replica>, IDisposable
{
    private Replica[] _replicas = [];

    public void Set(IEnumerable<Replica> replicas) => _replicas = [.. replicas];

    public IEnumerable<Replica> Of(IResource resource) => _replicas.Where(r => ReferenceEquals(r.Resource, resource));

    /// <summary>A replica by its id, or by its resource's name if it is the only one.</summary>
    public Replica? Find(string name) => _replicas.FirstOrDefault(r => ResourceNames.Comparer.Equals(r.Id, name))
        ?? (_replicas.Where(r => ResourceNames.Comparer.Equals(r.Resource.Name, name)).ToList() is [var only] ? only : null);

    public void Dispose()
    {
        foreach (var replica in _replicas)
        {
            replica.Dispose();
        }
    }

    public IEnumerator<Replica> GetEnumerator() => ((IEnumerable<Replica>)_replicas).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
