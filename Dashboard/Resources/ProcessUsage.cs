namespace Dashboard.Resources;

/// <summary>What a process uses.</summary>
/// <param name="Cores">Processor time for each second of the last interval: 1 is one core.</param>
/// <param name="MemoryBytes">Resident memory.</param>
public readonly record struct ProcessUsage(double Cores, long MemoryBytes);
