using Redlock.Fast.Resp;

namespace Redlock.Fast;

// Which nodes were sent the owner id after its acquisition had passed them over.
internal sealed partial class Holding
{
    private uint _reached;
    private uint _reachedAgain;

    /// <summary>A bit for each node that has been sent the owner id since.</summary>
    public uint Reached(uint use) => (Volatile.Read(ref _use) & ~Detached) == use ? Volatile.Read(ref _reached) : 0;

    /// <summary>A node is about to be sent the owner id: whoever gives the lock up from now on releases it there too.</summary>
    /// <param name="mutex">The sender's.</param>
    /// <param name="use">Which.</param>
    /// <param name="node">Its bit.</param>
    /// <returns>False if the use is over, the lock is lost, or somebody else was before: he alone may find that it was not sent.</returns>
    public bool TryReach(MutexDefinition mutex, uint use, uint node)
    {
        using (_gate.Enter())
        {
            if (!IsOf(mutex, use) || _lostIn == use || (_reached & node) != 0)
            {
                return false;
            }

            _reached |= node;
            return true;
        }
    }

    /// <summary>
    /// A node that was asked, or counts as reached, is about to be sent the owner id: it stays reached, whatever becomes of a send before,
    /// whose thread may be held up for long.
    /// </summary>
    public void ReachAgain(uint use, uint node)
    {
        using (_gate.Enter())
        {
            _reachedAgain |= _use == use ? node : 0;
        }
    }

    /// <summary>It was not sent it after all.</summary>
    public void Miss(uint use, uint node)
    {
        using (_gate.Enter())
        {
            _reached &= _use == use ? ~node | _reachedAgain : uint.MaxValue;
        }
    }
}
