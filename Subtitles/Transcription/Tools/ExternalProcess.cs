using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Subtitles.Transcription.Tools;

/// <summary>
/// A program that is run for its output. Its arguments are a list and pass no shell. It is killed when the token is canceled, the time
/// limit passes, or this object is disposed of, whichever is first; none outlives its caller. Its children are not looked for, which takes
/// seconds on a busy machine: the programs have none, and a script around one should
/// <c>exec</c> it.
/// </summary>
internal sealed class ExternalProcess : IAsyncDisposable
{
    private const int KeptErrorCharacters = 4096;

    // What a program needs to find its libraries and temporary files. The rest of this process' environment holds secrets, such as Redis'
    // password, which are none of its business.
    private static readonly string[] PassedOn =
    [
        "PATH",
        "LD_LIBRARY_PATH",
        "DYLD_LIBRARY_PATH",
        "LANG",
        "LC_ALL",
        "TMPDIR",
        "TMP",
        "TEMP",
        "SystemRoot",
        "SystemDrive",
    ];

    private readonly Process _process;
    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenRegistration _kill;
    private readonly StringBuilder _errors = new();
    private readonly Task _readErrors;
    private readonly string _name;
    private readonly CancellationToken _callerToken;

    private ExternalProcess(Process process, string name, TimeSpan limit, CancellationToken cancellationToken)
    {
        _process = process;
        _name = name;
        _callerToken = cancellationToken;
        _readErrors = ReadErrorsAsync();
        _limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _limit.CancelAfter(limit);
        _kill = _limit.Token.Register(Kill);
    }

    public Stream Output => _process.StandardOutput.BaseStream;

    public TextReader OutputText => _process.StandardOutput;

    public TextWriter Input => _process.StandardInput;

    /// <summary>The last of what the program wrote to its error output.</summary>
    public string ErrorTail
    {
        get
        {
            lock (_errors)
                return _errors.ToString();
        }
    }

    /// <param name="program">A name on the PATH, or a path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="limit">When it is killed.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <exception cref="TranscriptionException">The program cannot be started.</exception>
    public static ExternalProcess Start(string program, IEnumerable<string> arguments, TimeSpan limit, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            StandardInputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var name in start.Environment.Keys.Except(PassedOn, StringComparer.OrdinalIgnoreCase).ToArray())
            start.Environment.Remove(name);
        var shortName = Path.GetFileName(program);
        try
        {
            return new ExternalProcess(Process.Start(start)!, shortName, limit, cancellationToken);
        }
        catch (Win32Exception e)
        {
            throw new TranscriptionException(
                $"The program {shortName} cannot be started ({e.Message}); install it, or name it in the section "
                    + $"{TranscriptionOptions.SectionName}.",
                e
            );
        }
    }

    /// <summary>Waits for the end and returns the exit code.</summary>
    /// <exception cref="TranscriptionException">The time limit passed.</exception>
    public async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync(CancellationToken.None);
        await _readErrors;
        _callerToken.ThrowIfCancellationRequested();
        return _limit.IsCancellationRequested
            ? throw new TranscriptionException($"The program {_name} took too long with this media and was stopped.")
            : _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        await _kill.DisposeAsync();
        Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        await _readErrors;
        _limit.Dispose();
        _process.Dispose();
    }

    private void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has exited by itself meanwhile.
        }
    }

    private async Task ReadErrorsAsync()
    {
        var buffer = new char[1024];
        while (await _process.StandardError.ReadAsync(buffer) is var count and > 0)
        {
            lock (_errors)
            {
                _errors.Append(buffer, 0, count);
                if (_errors.Length > KeptErrorCharacters)
                    _errors.Remove(0, _errors.Length - KeptErrorCharacters);
            }
        }
    }
}
