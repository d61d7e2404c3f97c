namespace Redlock.Fast.Simulation;

/// <summary>The clock of one simulated client. Its timers fire as events of that client.</summary>
internal sealed class VirtualTime(SimulatedClient client, SkewedClock clock, WallClock wall) : TimeProvider
{
    public const long Frequency = 1_000_000_000;

    public override long TimestampFrequency => Frequency;

    public override long GetTimestamp() => clock.Read(client.World.Now);

    public override DateTimeOffset GetUtcNow() => wall.Read(client.World);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        VirtualTimer timer = new(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Runs something on this client when its clock shows at least <paramref name="reading"/>.</summary>
    public void At(long reading, Action action) => client.Post(Math.Max(client.World.Now, clock.TrueTimeOf(reading)), action);

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private int _changes;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            int change = ++_changes;
            if (dueTime >= TimeSpan.Zero)
            {
                time.At(time.GetTimestamp() + (dueTime.Ticks * TimeSpan.NanosecondsPerTick), () =>
                {
                    if (change == _changes)
                    {
                        callback(state);
                        Repeat(change, period);
                    }
                });
            }

            return true;
        }

        private void Repeat(int change, TimeSpan period)
        {
            if (period > TimeSpan.Zero && change == _changes)
            {
                Change(period, period);
            }
        }

        public void Dispose() => _changes++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
