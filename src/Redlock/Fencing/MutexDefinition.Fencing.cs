using Redlock.Fast.Resp;

namespace Redlock.Fast;

// What a mutex says whose locks have numbers.
internal sealed partial class MutexDefinition
{
    private readonly FencedKeys _fenced;

    /// <summary>Whether its locks have numbers.</summary>
    public bool IsFenced => Options.Fenced;

    /// <summary>Has the nodes learn what a fenced mutex asks them, which others have no use for.</summary>
    private static FencedKeys PrepareFencing(RespChannel[] nodes, byte[] key, in MutexTimes times, MutexOptions options)
    {
        foreach (RespChannel node in nodes)
        {
            node.Prepare(FencingScripts.Take);
            node.Prepare(FencingScripts.Raise);
        }

        long lifeMilliseconds = options.FenceLife.Ticks / TimeSpan.TicksPerMillisecond;
        return new FencedKeys(key, MutexKey.Fence(key), times.ExpiryMilliseconds, times.ExpiryMilliseconds + lifeMilliseconds);
    }
}
