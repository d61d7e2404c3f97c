using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Unit.Tests;

/// <summary>Which kept locks are found, and what becomes of those that are taken out.</summary>
public sealed class KeptLockTableTests : IDisposable
{
    private readonly ScriptedQuorum _quorum = new(1);
    private readonly Gate _gate = new();
    private readonly TimerCounter _clock = new();
    private readonly KeptLockTable _table;

    public KeptLockTableTests() =>
        _table = new KeptLockTable(_gate, new OperationPool<Holding>(static pool => new Holding(pool, 1)), _clock, static _ => { });

    private MutexDefinition Mutex => field ??= _quorum.Mutex().Definition;

    public void Dispose() => _quorum.Dispose();

    [Fact]
    public void What_is_kept_is_found_by_its_owner_and_key()
    {
        using Gate.Scope scope = _gate.Enter();
        LockToken token = NewToken();
        Assert.True(_table.IsEmpty);
        KeptLock? kept = _table.TryAdd(Mutex, token, _clock.GetTimestamp());
        Assert.NotNull(kept);
        Assert.False(_table.IsEmpty);
        Assert.Same(kept, _table.Find(Mutex, token));
        Assert.Same(kept, _table.FindHeld(Mutex, token));
        Assert.Same(kept, Assert.Single(_table.All));
        Assert.Null(_table.Find(Mutex, NewToken()));
        Assert.Null(_table.Find(_quorum.Factory.CreateMutex("window").Definition, token));
        Assert.Null(_table.TryAdd(Mutex, token, _clock.GetTimestamp()));
    }

    [Fact]
    public void What_names_no_owner_or_is_past_is_not_kept()
    {
        using Gate.Scope scope = _gate.Enter();
        Assert.Null(_table.TryAdd(Mutex, default, _clock.GetTimestamp()));
        Assert.Null(_table.TryAdd(Mutex, NewToken().Until(1), _clock.GetTimestamp()));
        Assert.True(_table.IsEmpty);
    }

    [Fact]
    public void What_was_taken_out_is_found_no_more_and_gives_its_place_to_another()
    {
        using Gate.Scope scope = _gate.Enter();
        LockToken token = NewToken();
        KeptLock kept = _table.TryAdd(Mutex, token, _clock.GetTimestamp())!;
        _table.Remove(kept);
        Assert.True(_table.IsEmpty);
        Assert.Empty(_table.All);
        Assert.Null(_table.Find(Mutex, token));
        Assert.False(kept.IsInUse);
        Assert.Same(kept, _table.TryAdd(Mutex, NewToken(), _clock.GetTimestamp()));
    }

    [Fact]
    public void A_timer_that_no_other_lock_will_need_goes()
    {
        const int Many = 5_000;
        const int Kept = 4_097;
        using Gate.Scope scope = _gate.Enter();
        List<KeptLock> all = [];
        for (int count = 0; count < Many; count++)
        {
            KeptLock kept = _table.TryAdd(Mutex, NewToken(), _clock.GetTimestamp())!;
            kept.SetTimer(_clock.GetTimestamp());
            all.Add(kept);
        }

        all.ForEach(_table.Remove);
        Assert.Equal(Many, _clock.Made);
        Assert.Equal(Many - Kept, _clock.Gone);
    }

    private static LockToken NewToken() => new(Guid.NewGuid().ToByteArray());

    /// <summary>A clock that stands still, and counts the timers that are made and disposed.</summary>
    private sealed class TimerCounter : TimeProvider
    {
        private readonly ManualTimeProvider _time = new();

        public int Made { get; private set; }

        public int Gone { get; private set; }

        public override long TimestampFrequency => _time.TimestampFrequency;

        public override long GetTimestamp() => _time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Made++;
            return new Counted(this);
        }

        private sealed class Counted(TimerCounter counter) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose() => counter.Gone++;

            public ValueTask DisposeAsync()
            {
                Dispose();
                return ValueTask.CompletedTask;
            }
        }
    }
}
