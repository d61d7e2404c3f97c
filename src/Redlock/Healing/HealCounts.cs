using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>
/// Counts healed keys by node, on the thread pool: the nodes say so on the threads that read their replies. A node that falls behind is
/// healed with every extension, so nothing is allocated for it.
/// </summary>
internal sealed class HealCounts(RespChannel[] nodes) : IThreadPoolWorkItem
{
    private readonly int[] _healed = new int[nodes.Length];
    private int _isQueued;

    public void Add(int node)
    {
        if (LockMetrics.CountsHealed)
        {
            Interlocked.Increment(ref _healed[node]);
            if (Interlocked.Exchange(ref _isQueued, 1) == 0)
            {
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            }
        }
    }

    // What is added from here on may queue it once more, for nothing.
    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Exchange(ref _isQueued, 0);
        for (int node = 0; node < nodes.Length; node++)
        {
            int healed = Interlocked.Exchange(ref _healed[node], 0);
            if (healed != 0)
            {
                LockMetrics.CountHealed(nodes[node].Name, healed);
            }
        }
    }
}
