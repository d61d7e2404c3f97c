using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>Counts how often servers have restarted while locks were held that are older than that.</summary>
internal sealed class Restarts(int nodes, int factory)
{
    private readonly string?[] _runIds = new string?[nodes];
    private readonly int[] _underLocks = new int[nodes];

    public int UnderLocks(int node) => Volatile.Read(ref _underLocks[node]);

    /// <summary>Looks whether the server is another one than before. One call at a time.</summary>
    public void Note(int node, RespServer server)
    {
        string? before = _runIds[node];
        _runIds[node] = server.RunId ?? before;
        if (before is null || server.RunId is null || server.RunId == before)
        {
            return;
        }

        // What was taken since then stands there, or has a quorum without it.
        long startedTicks = server.Uptime is null ? long.MaxValue : server.StartedByTicks;
        if (LockMetrics.Holding.IsAnyHeldSince(factory, startedTicks))
        {
            _underLocks[node]++;
        }
    }
}
