using System.Globalization;

namespace Tests.Clients;

/// <summary>What a client handed over in a run.</summary>
/// <param name="Name">The client.</param>
/// <param name="Seen">The numbers, as they came.</param>
/// <param name="Notices">The notices that it handed over.</param>
internal sealed record FollowingClient(string Name, int[] Seen, string[] Notices)
{
    /// <summary>The newest number; 0 before the first.</summary>
    public int Newest => Seen.Length == 0 ? 0 : Seen.Max();

    public static FollowingClient Of(string name, IEnumerable<string> seen, IEnumerable<string> notices) =>
        new(
            name,
            [.. seen.Select(text => int.Parse(string.Concat(text.Where(char.IsAsciiDigit)), CultureInfo.InvariantCulture))],
            [.. notices]
        );

    /// <summary>How many of the numbers never came.</summary>
    public int Missing(IEnumerable<int> expected) => expected.Except(Seen).Count();

    /// <summary>How many came again.</summary>
    public int Duplicated => Seen.Length - Seen.Distinct().Count();

    /// <summary>How many came after a later one, for the first time.</summary>
    public int Late
    {
        get
        {
            var (newest, late) = (0, 0);
            foreach (var number in Seen.Distinct())
            {
                late += number < newest ? 1 : 0;
                newest = Math.Max(newest, number);
            }
            return late;
        }
    }
}
