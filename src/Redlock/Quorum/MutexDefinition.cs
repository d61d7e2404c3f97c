using Redlock.Fast.Resp;

namespace Redlock.Fast;

/// <summary>The half of a mutex that never changes: what operations, kept locks, tokens and traces know of it.</summary>
internal sealed partial class MutexDefinition
{
    private readonly QuorumClock _clock;
    private readonly MutexTimes _times;
    private readonly byte[] _key;

    // What scripts are given of it: nothing where waiters are not woken by the nodes.
    private readonly byte[] _markSent;

    /// <exception cref="ArgumentException">The name or an option is out of bounds; the message names the bound.</exception>
    public MutexDefinition(
        ITokenHolder face, RespChannel[] nodes, QuorumClock clock, WakeUse wakes, Phrases phrases, string name, MutexOptions options)
    {
        _key = MutexKey.Encode(options.KeyPrefix, name);
        _times = MutexTimes.Check(options, nodes.Length, clock.Time);
        _clock = clock;
        Mark = MutexKey.Mark(_key);
        _markSent = wakes == WakeUse.On ? Mark : [];
        Face = face;
        Name = name;
        Options = options;
        Quorum = options.Quorum ?? QuorumSize.Of(nodes.Length);
        _fenced = options.Fenced ? PrepareFencing(nodes, _key, _times, options) : default;
        AcquireFrame = options.Fenced
            ? FrameTemplate.FencedTake(_fenced, mark: [], FencedTaker.Newcomer)
            : FrameTemplate.Acquire(_key, _times.ExpiryMilliseconds);
        WithdrawFrame = FrameTemplate.Release(_key, mark: []);
        ReleaseFrame = wakes == WakeUse.On ? FrameTemplate.Release(_key, Mark) : WithdrawFrame;
        ExtendFrame = options.Fenced ? FrameTemplate.Raise(_fenced) : FrameTemplate.Extend(_key, _times.ExpiryMilliseconds);
        KeyHash = MutexKey.Hash(_key);
        Latest = new LatestOutcomes(name, nodes, phrases);
    }

    /// <summary>The mutex itself: what handles call, and who events come from.</summary>
    public ITokenHolder Face { get; }

    public string Name { get; }

    public MutexOptions Options { get; }

    /// <summary>How many nodes must agree.</summary>
    public int Quorum { get; }

    public FrameTemplate AcquireFrame { get; }

    /// <summary>Gives up what was held, and wakes who waits.</summary>
    public FrameTemplate ReleaseFrame { get; }

    /// <summary>Takes back what never was held, and wakes nobody.</summary>
    public FrameTemplate WithdrawFrame { get; }

    // Most mutexes are never waited for.
    public FrameTemplate TakeFrame => field ??= IsFenced
        ? FrameTemplate.FencedTake(_fenced, _markSent, FencedTaker.Newcomer)
        : FrameTemplate.Take(_key, _markSent, _times.ExpiryMilliseconds);

    public FrameTemplate SucceedFrame => field ??= IsFenced
        ? FrameTemplate.FencedTake(_fenced, _markSent, FencedTaker.Successor)
        : FrameTemplate.Succeed(_key, _markSent, _times.ExpiryMilliseconds);

    /// <summary>The key, and the channel, of those who wait.</summary>
    public byte[] Mark { get; }

    public FrameTemplate ExtendFrame { get; }

    /// <summary>Never zero.</summary>
    public int KeyHash { get; }

    public LatestOutcomes Latest { get; }

    public TimeSpan Expiry => TimeSpan.FromMilliseconds(_times.ExpiryMilliseconds);

    public long ValidityTicks => _times.ValidityTicks;

    public long SilenceTicks => _times.SilenceTicks;

    public long NodeLimitTicks => _times.NodeLimitTicks;

    public long ToTicks(TimeSpan duration) => _times.ToTicks(duration);

    /// <inheritdoc cref="QuorumClock.IsPast"/>
    public bool IsPast(long deadlineTicks) => _clock.IsPast(deadlineTicks);

    /// <summary>Whether both lock one key; a prefix and a name can be split in several ways.</summary>
    public bool HasKeyOf(MutexDefinition other) => ReferenceEquals(this, other) || _key.AsSpan().SequenceEqual(other._key);
}
