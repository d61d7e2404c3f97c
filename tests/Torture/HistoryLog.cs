using System.Globalization;

namespace Redlock.Fast.Torture;

/// <summary>The file into which one client process writes what its holders relied on, one event a line.</summary>
/// <remarks>
/// <c>claim KIND NAME OWNER START HANDOVER DEADLINE NODES</c>, and <c>release OWNER TICKS</c>, written before the call that releases.
/// </remarks>
internal sealed class HistoryLog : IDisposable
{
    private readonly Lock _gate = new();
    private readonly StreamWriter _file;

    public HistoryLog(string path) => _file = new StreamWriter(path);

    public static List<Claim> Read(IEnumerable<string> lines)
    {
        List<Claim> claims = [];
        Dictionary<string, long> releases = [];
        foreach (string line in lines)
        {
            string[] words = line.Split(' ');
            switch (words)
            {
                case ["claim", var kind, var name, var owner, var start, var handOver, var deadline, var nodes]:
                    claims.Add(new Claim(
                        name, owner, Enum.Parse<ClaimKind>(kind), Number(start), Number(handOver), Number(deadline), (uint)Number(nodes)));
                    break;
                case ["release", var owner, var ticks]:
                    releases.TryAdd(owner, Number(ticks));
                    break;
                default:
                    throw new FormatException($"A line of a history is neither a claim nor a release: '{line}'.");
            }
        }

        return claims.ConvertAll(claim =>
            releases.TryGetValue(claim.Owner, out long released) && released < claim.EndTicks ? claim with { EndTicks = released } : claim);
    }

    public void Claim(ClaimKind kind, string name, LockToken token, long startTicks, long handOverTicks, uint nodes) =>
        Write(string.Create(
            CultureInfo.InvariantCulture, $"claim {kind} {name} {token.Value} {startTicks} {handOverTicks} {token.DeadlineTicks} {nodes}"));

    public void Release(LockToken token, long ticks) =>
        Write(string.Create(CultureInfo.InvariantCulture, $"release {token.Value} {ticks}"));

    public void Dispose() => _file.Dispose();

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private void Write(string line)
    {
        lock (_gate)
        {
            _file.WriteLine(line);
        }
    }
}
