using System.Collections.Concurrent;
using System.Globalization;
using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Unit.Tests;

public sealed class MonotonicTimeTests
{
    private static readonly TimeSpan Never = Timeout.InfiniteTimeSpan;
    private static readonly MonotonicTime Time = MonotonicTime.Shared;

    [Fact]
    public void Timestamps_never_go_back()
    {
        long last = Time.GetTimestamp();
        for (int i = 0; i < 100_000; i++)
        {
            long now = Time.GetTimestamp();
            Assert.True(now >= last);
            last = now;
        }
    }

    [Fact]
    public void Counts_from_boot_on_linux()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("Only Linux has CLOCK_BOOTTIME.");
        }

        Assert.Equal(1_000_000_000, Time.TimestampFrequency);
        double before = Seconds();
        double uptime = double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], CultureInfo.InvariantCulture);
        Assert.InRange(uptime, before - 1, Seconds() + 1);

        static double Seconds() => Time.GetTimestamp() / 1e9;
    }

    [Fact]
    public void Fires_in_order_of_due_time_and_never_early()
    {
        using BlockingCollection<(int Due, long At)> fired = [];
        long start = Time.GetTimestamp();
        List<ITimer> timers = [];
        foreach (int due in (int[])[90, 30, 120, 0, 60])
        {
            timers.Add(Time.CreateTimer(_ => fired.Add((due, Time.GetTimestamp())), null, TimeSpan.FromMilliseconds(due), Never));
        }

        List<int> order = [];
        foreach (ITimer timer in timers)
        {
            Assert.True(fired.TryTake(out (int Due, long At) firing, Eventually.Patience));
            Assert.True(Time.GetElapsedTime(start, firing.At) >= TimeSpan.FromMilliseconds(firing.Due), "A timer fired early.");
            order.Add(firing.Due);
        }

        // Only of a timer made earlier and due sooner is the order certain: this thread may pause between two of them.
        Assert.True(order.IndexOf(90) < order.IndexOf(120));
        Assert.True(order.IndexOf(30) < order.IndexOf(120));
        Assert.True(order.IndexOf(30) < order.IndexOf(60));
        Assert.True(order.IndexOf(0) < order.IndexOf(60));
        foreach (ITimer timer in timers)
        {
            timer.Dispose();
        }
    }

    [Fact]
    public void One_shot_fires_once_and_can_be_set_again()
    {
        using SemaphoreSlim fired = new(0);
        using ITimer timer = Time.CreateTimer(_ => fired.Release(), null, TimeSpan.Zero, Never);

        Assert.True(fired.Wait(Eventually.Patience, TestContext.Current.CancellationToken));
        WaitForAnotherTimer();
        Assert.Equal(0, fired.CurrentCount);
        Assert.True(timer.Change(TimeSpan.FromMilliseconds(1), TimeSpan.Zero));
        Assert.True(fired.Wait(Eventually.Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Periodic_fires_until_stopped()
    {
        using CountdownEvent fired = new(5);
        long start = Time.GetTimestamp();
        using ITimer timer = Time.CreateTimer(_ => SignalIfOpen(fired), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(2));

        Assert.True(fired.Wait(Eventually.Patience, TestContext.Current.CancellationToken));
        Assert.True(Time.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(8), "Five firings have four periods between them.");
        Assert.True(timer.Change(Never, Never));
        WaitForAnotherTimer();
        fired.Reset(1);
        WaitForAnotherTimer();
        Assert.Equal(1, fired.CurrentCount);
    }

    [Fact]
    public void An_earlier_time_wakes_the_thread()
    {
        using ManualResetEventSlim fired = new();
        using ITimer timer = Time.CreateTimer(_ => fired.Set(), null, TimeSpan.FromDays(1), Never);
        Assert.True(timer.Change(TimeSpan.FromMilliseconds(1), Never));
        Assert.True(fired.Wait(Eventually.Patience, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_later_time_or_none_does_not_fire()
    {
        int fired = 0;
        using ITimer later = Time.CreateTimer(_ => Interlocked.Increment(ref fired), null, Never, Never);
        using ITimer none = Time.CreateTimer(_ => Interlocked.Increment(ref fired), null, Never, TimeSpan.FromMilliseconds(1));
        Assert.True(later.Change(TimeSpan.FromHours(1), Never));
        Assert.True(later.Change(TimeSpan.FromHours(2), Never));
        Assert.True(none.Change(Never, Never));
        WaitForAnotherTimer();
        Assert.Equal(0, Volatile.Read(ref fired));
    }

    [Fact]
    public void Change_after_dispose_is_refused()
    {
        int fired = 0;
        ITimer timer = Time.CreateTimer(_ => Interlocked.Increment(ref fired), null, TimeSpan.FromDays(1), Never);
        timer.Dispose();
        timer.Dispose();
        Assert.False(timer.Change(TimeSpan.Zero, Never));
        WaitForAnotherTimer();
        Assert.Equal(0, Volatile.Read(ref fired));
    }

    [Fact]
    public void A_callback_may_dispose_its_timer()
    {
        using SemaphoreSlim fired = new(0);
        ITimer timer = null!;
        timer = Time.CreateTimer(
            _ =>
            {
                timer.Dispose();
                fired.Release();
            },
            null,
            Never,
            Never);
        timer.Change(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));

        Assert.True(fired.Wait(Eventually.Patience, TestContext.Current.CancellationToken));
        WaitForAnotherTimer();
        Assert.Equal(0, fired.CurrentCount);
        Assert.False(timer.Change(TimeSpan.Zero, Never));
    }

    [Fact]
    public async Task Dispose_async_waits_for_the_callback()
    {
        using ManualResetEventSlim entered = new();
        using ManualResetEventSlim mayLeave = new();
        bool left = false;
        ITimer timer = Time.CreateTimer(
            _ =>
            {
                entered.Set();
                mayLeave.Wait();
                Volatile.Write(ref left, true);
            },
            null,
            TimeSpan.Zero,
            Never);

        Assert.True(entered.Wait(Eventually.Patience, TestContext.Current.CancellationToken));
        Task disposal = timer.DisposeAsync().AsTask();
        Assert.False(disposal.IsCompleted);
        mayLeave.Set();
        await disposal.SoonAsync();
        Assert.True(Volatile.Read(ref left));
        Assert.True(timer.DisposeAsync().AsTask().IsCompletedSuccessfully);
    }

    [Fact]
    public void Ten_thousand_timers()
    {
        const int Count = 10_000;
        using CountdownEvent fired = new(Count / 2);
        Random random = new(1);
        ITimer[] timers = new ITimer[Count];
        (long Earliest, long Latest)[] due = new (long, long)[Count];
        List<int> order = [];
        long[] firedAt = new long[Count];
        for (int i = 0; i < Count; i++)
        {
            timers[i] = Time.CreateTimer(
                index =>
                {
                    firedAt[(int)index!] = Time.GetTimestamp();
                    order.Add((int)index);
                    SignalIfOpen(fired);
                },
                i,
                TimeSpan.FromHours(1 + random.Next(100)),
                Never);
        }

        for (int i = 0; i < Count; i++)
        {
            if (i % 2 != 0)
            {
                timers[i].Dispose();
                continue;
            }

            TimeSpan dueTime = TimeSpan.FromMicroseconds(random.Next(50_000));
            long offset = (long)(dueTime.TotalSeconds * Time.TimestampFrequency);
            long before = Time.GetTimestamp();
            timers[i].Change(dueTime, Never);
            due[i] = (before + offset - 1, Time.GetTimestamp() + offset + 1);
        }

        Assert.True(fired.Wait(Eventually.Patience, TestContext.Current.CancellationToken));
        WaitForAnotherTimer();
        Assert.Equal(Count / 2, order.Count);
        Assert.Equal(Count / 2, order.ToHashSet().Count);
        Assert.All(order, index => Assert.Equal(0, index % 2));
        Assert.All(order, index => Assert.True(firedAt[index] >= due[index].Earliest, "A timer fired early."));
        for (int i = 1; i < order.Count; i++)
        {
            Assert.True(due[order[i - 1]].Earliest <= due[order[i]].Latest, "A timer fired before one that was due sooner.");
        }

        foreach (ITimer timer in timers)
        {
            timer.Dispose();
        }
    }

    [Fact]
    public void Fires_on_its_own_thread()
    {
        using ManualResetEventSlim fired = new();
        Thread? thread = null;
        AsyncLocal<string> local = new() { Value = "of the maker" };
        string? seen = "";
        using ITimer timer = Time.CreateTimer(
            _ =>
            {
                thread = Thread.CurrentThread;
                seen = local.Value;
                fired.Set();
            },
            null,
            TimeSpan.Zero,
            Never);

        Assert.True(fired.Wait(Eventually.Patience, TestContext.Current.CancellationToken));
        Assert.Equal("Redlock.Fast timers", thread!.Name);
        Assert.True(thread.IsBackground);
        Assert.False(thread.IsThreadPoolThread);
        Assert.Null(seen);
    }

    [Fact]
    public void Change_allocates_nothing()
    {
        ITimer[] timers = new ITimer[100];
        for (int i = 0; i < timers.Length; i++)
        {
            timers[i] = Time.CreateTimer(_ => { }, null, TimeSpan.FromHours(1), Never);
        }

        Cycle(timers, rounds: 10);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Cycle(timers, rounds: 100);

        // The runtime takes some now and then; an object a change would be more.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 * timers.Length);

        foreach (ITimer timer in timers)
        {
            timer.Dispose();
        }

        static void Cycle(ITimer[] timers, int rounds)
        {
            for (int round = 0; round < rounds; round++)
            {
                for (int i = 0; i < timers.Length; i++)
                {
                    timers[i].Change(TimeSpan.FromSeconds(60 + ((i * 37) % 100)), TimeSpan.FromSeconds(1));
                }

                timers[round % timers.Length].Change(Never, Never);
            }
        }
    }

    [Fact]
    public async Task A_periodic_timer_that_was_late_makes_up_for_nothing()
    {
        TimeSpan period = TimeSpan.FromMilliseconds(1);
        ManualTimeProvider clock = new();
        TimerQueue queue = new(clock);
        int fired = 0;
        using QueuedTimer timer = new(queue, _ => Interlocked.Increment(ref fired), null);
        timer.Change(period, period);
        clock.Advance(1000 * period);
        await Eventually.Holds(() => Volatile.Read(ref fired) == 1, "it fires");
        clock.Advance(period);
        await Eventually.Holds(() => Volatile.Read(ref fired) == 2, "it fires again");
        timer.Change(Never, Never);
        Assert.Equal(2, Volatile.Read(ref fired));
    }

    [Theory]
    [InlineData(-2)]
    [InlineData(4_294_967_295)]
    public void Times_out_of_range_are_refused(long milliseconds)
    {
        TimeSpan time = TimeSpan.FromMilliseconds(milliseconds);
        using ITimer timer = Time.CreateTimer(_ => { }, null, Never, Never);
        Assert.Throws<ArgumentOutOfRangeException>("dueTime", () => timer.Change(time, Never));
        Assert.Throws<ArgumentOutOfRangeException>("period", () => timer.Change(TimeSpan.Zero, time));
        Assert.Throws<ArgumentNullException>(() => Time.CreateTimer(null!, null, Never, Never));
    }

    // All callbacks share a thread and are served by due time: once this one has fired twice, those due before it have fired.
    private static void WaitForAnotherTimer()
    {
        using CountdownEvent twice = new(2);
        using ITimer timer = Time.CreateTimer(_ => SignalIfOpen(twice), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(5));
        Assert.True(twice.Wait(Eventually.Patience, TestContext.Current.CancellationToken));
        timer.DisposeAsync().AsTask().Wait();
    }

    private static void SignalIfOpen(CountdownEvent countdown)
    {
        if (!countdown.IsSet)
        {
            countdown.Signal();
        }
    }
}
