using Aspire.Hosting.ApplicationModel;
using Dashboard.Consoles;
using Spectre.Console;

namespace LocalHosting.Terminal;

/// <summary>Writes to the terminal, one line at a time, each with the coloured name of the replica that it comes from.</summary>
internal sealed class LineWriter(IResourceCollection resources, IAnsiConsole? console = null)
{
    private const int Red = 9;
    private const int Grey = 8;
    private const int WidthOfFiles = 200;

    private static readonly int[] Palette = [14, 11, 10, 13, 33, 214, 48, 141];

    private readonly Lock _lock = new();
    private readonly IAnsiConsole _console = console ?? AnsiConsole.Console;

    public void Write(string replica, LogLine line)
    {
        // Error output is marked by a sign as well, for terminals and eyes without colour.
        var mark = line.IsErrorMessage ? Paint(Red, "!") : Paint(Grey, "│");
        Line($"{Paint(ColorOf(replica), replica.PadRight(Width()))} {mark} {Content(line)}");
    }

    public void Note(string text) => Line(text);

    public void Crash(string replica, int exitCode, IReadOnlyList<LogLine> last)
    {
        lock (_lock)
        {
            Line(Paint(Red, $"{replica} ended by itself with exit code {exitCode}.") + (last.Count > 0 ? " Its last lines:" : " It had printed nothing."));
            foreach (var line in last)
            {
                Line($"    {Content(line)}");
            }
        }
    }

    public void Table(IReadOnlyList<ResourceTable.Row> rows, string? entrance)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("Resource", "State", "Address", "Process");
        foreach (var row in rows)
        {
            table.AddRow(
                new Text(row.Replica, new Style(Color.FromInt32(ColorOf(row.Replica)))),
                new Text(row.State, new Style(row.State == "Healthy" ? Color.Green : Color.Yellow)),
                new Text(row.Address),
                new Text(row.Process));
        }

        lock (_lock)
        {
            if (!_console.Profile.Out.IsTerminal)
            {
                // A file has no edge at which the table would have to be broken.
                _console.Profile.Width = WidthOfFiles;
            }

            _console.Write(table);
            Line($"All is up.{(entrance is null ? "" : $" Open {entrance}")} (Ctrl+C stops it.)");
        }
    }

    // Past the console's own layout, which would break lines at the window's edge: the terminal does that, and a copied line stays whole.
    private void Line(string text)
    {
        lock (_lock)
        {
            _console.Profile.Out.Writer.WriteLine(text);
            _console.Profile.Out.Writer.Flush();
        }
    }

    private string Paint(int color, string text) => _console.Profile.Capabilities.Ansi ? $"\e[38;5;{color}m{text}\e[0m" : text;

    private string Content(LogLine line) => _console.Profile.Capabilities.Ansi ? line.Content : AnsiText.Plain(line.Content);

    private int ColorOf(string replica)
    {
        for (var i = 0; i < resources.Count; i++)
        {
            if (replica.StartsWith(resources[i].Name, StringComparison.OrdinalIgnoreCase))
            {
                return Palette[i % Palette.Length];
            }
        }

        return Grey;
    }

    // Name, hyphen and suffix.
    private int Width() => resources.Count == 0 ? 0 : resources.Max(r => r.Name.Length) + 9;
}
