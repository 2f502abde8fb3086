namespace Tests.Faults;

/// <summary>Tests that load the machine, or measure this process: one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FaultsCollection
{
    public const string Name = "Faults";
}
