using System.Globalization;

namespace Web.Jobs;

/// <summary>Names of files that a browser saves.</summary>
internal static class FileNames
{
    private const int MaxLength = 80;

    /// <summary>
    /// A title as the name of a file, without an extension of media: letters and digits of all scripts stay, and what is between them
    /// becomes a hyphen.
    /// </summary>
    /// <param name="title">The title.</param>
    /// <param name="otherwise">The name where nothing is left of it.</param>
    public static string Of(string? title, string otherwise)
    {
        if (title is null)
            return otherwise;
        var extension = Path.GetExtension(title);
        var isExtension = extension.Length is > 1 and <= 5 && extension.Skip(1).All(char.IsLetterOrDigit);
        var words = (isExtension ? title[..^extension.Length] : title).Normalize();
        var name = new string([.. words.Select(c => IsOfWord(c) ? c : ' ')]);
        name = string.Join('-', name.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return name.Length == 0 ? otherwise
            : name.Length <= MaxLength ? name
            : name[..MaxLength].TrimEnd('-');
    }

    private static bool IsOfWord(char c) => char.IsLetterOrDigit(c) || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark;
}
