using System.Globalization;

namespace Redlock.Fast.Torture;

/// <summary>
/// The file into which one client process writes what it did and relied on, one event a line; <see cref="History"/> reads it.
/// </summary>
/// <remarks>
/// <c>claim KIND NAME OWNER START HANDOVER DEADLINE NODES</c>; <c>release OWNER TICKS</c>, written before the call that releases, and
/// <c>sent OWNER TICKS</c> when that call has sent and only waits; <c>wait NUMBER NAME START BOUND</c> and <c>waited NUMBER END HOW</c>;
/// <c>end HOW</c> for every call; <c>stall START END</c>; <c>beat TICKS</c> now and then. Each line is out at once, as the process may be
/// killed.
/// </remarks>
internal sealed class HistoryLog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamWriter _file;
    private int _waits;

    public HistoryLog(string path) => _file = new StreamWriter(path) { AutoFlush = true };

    public void Claim(ClaimKind kind, string name, string owner, long startTicks, long handOverTicks, long deadlineTicks, uint nodes) =>
        Write(string.Create(
            CultureInfo.InvariantCulture, $"claim {kind} {name} {owner} {startTicks} {handOverTicks} {deadlineTicks} {nodes}"));

    public void Release(string owner, long ticks) => Write(string.Create(CultureInfo.InvariantCulture, $"release {owner} {ticks}"));

    public void ReleaseSent(string owner, long ticks) => Write(string.Create(CultureInfo.InvariantCulture, $"sent {owner} {ticks}"));

    /// <returns>The number of the wait.</returns>
    public int BeginWait(string name, long startTicks, long boundTicks)
    {
        int number = Interlocked.Increment(ref _waits);
        Write(string.Create(CultureInfo.InvariantCulture, $"wait {number} {name} {startTicks} {boundTicks}"));
        return number;
    }

    public void EndWait(int number, long endTicks, CallEnd how) =>
        Write(string.Create(CultureInfo.InvariantCulture, $"waited {number} {endTicks} {how}"));

    public void Count(CallEnd how) => Write($"end {how}");

    public void Stall(long startTicks, long endTicks) =>
        Write(string.Create(CultureInfo.InvariantCulture, $"stall {startTicks} {endTicks}"));

    public void Beat(long ticks) => Write(string.Create(CultureInfo.InvariantCulture, $"beat {ticks}"));

    public void Dispose() => _file.Dispose();

    private void Write(string line)
    {
        lock (_gate)
        {
            _file.WriteLine(line);
        }
    }
}
