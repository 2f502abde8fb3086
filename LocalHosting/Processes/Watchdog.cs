using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;

namespace LocalHosting.Processes;

/// <summary>Ends the processes on its list when the host is gone. Lives in a shell of its own, at the other end of a pipe.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class Watchdog : IOrphanage
{
    // It must not be stopped by what stops the host. First a polite end, for the whole group where there is one; after 3 s a certain one. Nobody but it
    // can delete the session's folder then, in which there are passwords.
    private const string Script = """
        trap '' INT HUP TERM QUIT PIPE
        pids=
        ended=
        while read -r op pid; do
          if [ "$op" = . ]; then ended=yes; break; fi
          if [ "$op" = + ]; then pids="$pids $pid"; continue; fi
          left=
          for p in $pids; do [ "$p" = "$pid" ] || left="$left $p"; done
          pids=$left
        done
        [ -z "$ended" ] || exit 0
        each() { for p in $pids; do kill "-$1" -- "-$p" 2>/dev/null || kill "-$1" "$p" 2>/dev/null; done; }
        each TERM
        n=0
        while [ $n -lt 30 ]; do
          alive=
          for p in $pids; do kill -0 "$p" 2>/dev/null && alive=yes; done
          [ -n "$alive" ] || break
          sleep 0.1
          n=$((n + 1))
        done
        each KILL
        rm -rf -- "$1"
        """;

    private readonly Lock _lock = new();
    private readonly Func<IEnumerable<string>, ProcessStartInfo> _shell;
    private readonly string _session;
    private readonly HashSet<int> _watched = [];
    private Process _process;
    private bool _disposed;

    /// <param name="session">A folder that is deleted when the host is gone without having disposed this.</param>
    public Watchdog(Func<IEnumerable<string>, ProcessStartInfo> shell, string session)
    {
        (_shell, _session) = (shell, session);
        _process = Launch();
    }

    public void Add(Process process)
    {
        lock (_lock)
        {
            _watched.Add(process.Id);
            Send('+', process.Id);
        }
    }

    public void Remove(Process process)
    {
        lock (_lock)
        {
            _watched.Remove(process.Id);
            Send('-', process.Id);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            try
            {
                _process.StandardInput.WriteLine('.');
                _process.StandardInput.Dispose();
            }
            catch (IOException)
            {
                // It was killed; there is nothing left to tell it.
            }

            _process.Dispose();
        }
    }

    private void Send(char operation, int id)
    {
        if (_disposed)
        {
            return;
        }

        try
        {
            Write(operation, id);
        }
        catch (IOException)
        {
            // Somebody killed the watchdog. Another takes over the whole list.
            _process.Dispose();
            _process = Launch();
            foreach (var watched in _watched)
            {
                Write('+', watched);
            }
        }
    }

    private void Write(char operation, int id)
    {
        _process.StandardInput.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{operation} {id}"));
        _process.StandardInput.Flush();
    }

    private Process Launch()
    {
        var start = _shell(["-c", Script, "sh", _session]);
        start.RedirectStandardInput = true;
        return Process.Start(start) ?? throw new InvalidOperationException("The shell that watches over the processes was not started.");
    }
}
