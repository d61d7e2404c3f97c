using Redlock.Fast.Resp;

namespace Redlock.Fast;

// How lines end: some time after their last waiter, or with the factory.
internal sealed partial class Lines
{
    // A busy name is left and joined again all the time: it must not subscribe each time.
    private static readonly TimeSpan _keptFor = TimeSpan.FromSeconds(1);

    private readonly Queue<Line> _empty = [];
    private ITimer? _sweep;

    /// <summary>No lock is handed over any more, and nothing is heard. Who waits is told by the factory's end.</summary>
    public void Close()
    {
        using (_gate.Enter())
        {
            _isClosed = true;
        }
    }

    public void Dispose()
    {
        List<Hush> all = [];
        using (_gate.Enter())
        {
            foreach (Line line in _byKey.Values)
            {
                all.Add(StopHearing(line));
            }

            _sweep?.Dispose();
        }

        all.ForEach(Unsubscribe);
    }

    private void NoteEmpty(Line line)
    {
        _gate.AssertEntered();
        line.EmptySinceTicks = _core.NowTicks;
        if (line.IsAwaitingSweep)
        {
            return;
        }

        line.IsAwaitingSweep = true;
        _empty.Enqueue(line);
        if (_empty.Count == 1 && !_isClosed)
        {
            _sweep ??= WithoutContext.CreateTimer(_core.Time, static lines => ((Lines)lines!).Sweep(), this);
            _sweep.Change(_keptFor, Timeout.InfiniteTimeSpan);
        }
    }

    private void Sweep()
    {
        while (TrySweepOne(out Hush hush))
        {
            Unsubscribe(hush);
        }
    }

    private bool TrySweepOne(out Hush hush)
    {
        hush = default;
        using (_gate.Enter())
        {
            if (_isClosed || !_empty.TryPeek(out Line? line))
            {
                return false;
            }

            long now = _core.NowTicks;
            TimeSpan emptyFor = _core.Time.GetElapsedTime(line.EmptySinceTicks, now);
            if (line.Head is null && emptyFor < _keptFor)
            {
                _sweep!.Change(_keptFor - emptyFor, Timeout.InfiniteTimeSpan);
                return false;
            }

            _empty.Dequeue();
            line.IsAwaitingSweep = false;
            if (line.Head is null)
            {
                hush = StopHearing(line);
                _byKey.Remove(line.Mutex!);
                Volatile.Write(ref _lines, _byKey.Count);
                line.End();
                _unused.Push(line);
            }

            return true;
        }
    }
}
