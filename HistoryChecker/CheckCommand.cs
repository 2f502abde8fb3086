namespace HistoryChecker;

/// <summary>Judges the histories that are named.</summary>
public static class CheckCommand
{
    /// <returns>0 when all are good, 1 when one is refuted, 2 when one cannot be read.</returns>
    public static int Run(string[] files, TextWriter output, TextWriter errors)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(errors);
        if (files is not { Length: > 0 })
        {
            errors.WriteLine("usage: dotnet run --project HistoryChecker -- FILE…");
            return 2;
        }
        var result = 0;
        foreach (var file in files)
        {
            try
            {
                var verdict = HistoryCheck.Of(HistoryFile.Read(file));
                output.WriteLine(file);
                output.WriteLine(verdict.Report());
                result = Math.Max(result, verdict.IsGood ? 0 : 1);
            }
            catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
            {
                errors.WriteLine($"{file}: {e.Message}");
                result = 2;
            }
        }
        return result;
    }
}
