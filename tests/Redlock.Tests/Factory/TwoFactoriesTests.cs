using System.Diagnostics;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>Several users of one set of nodes, in one process and in two.</summary>
[Trait("Waits", "long")]
public sealed class TwoFactoriesTests
{
    private const string NodesVariable = "REDLOCK_SECOND_PROCESS_NODES";
    private const string ReportVariable = "REDLOCK_SECOND_PROCESS_REPORT";
    private const string Name = "shared";

    private static readonly TimeSpan _expiry = TimeSpan.FromSeconds(2);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task They_exclude_each_other_and_end_apart()
    {
        using InMemoryNode first = InMemoryNode.Start(), second = InMemoryNode.Start(), third = InMemoryNode.Start();
        string[] endpoints = [first.Endpoint, second.Endpoint, third.UnixEndpoint];
        await using RedlockFactory one = RedlockFactory.Create(endpoints);
        RedlockFactory other = RedlockFactory.Create(endpoints);
        MutexOptions patient = MutexOptions.Blocking with
        {
            Expiry = TimeSpan.FromMinutes(1),
            Tries = 100_000,
            Delay = TimeSpan.FromMilliseconds(1),
        };
        int inside = 0;
        int done = 0;
        async Task WorkAsync(RedlockFactory factory)
        {
            RedlockMutex mutex = factory.PatientMutex(Name, patient);
            for (int cycle = 0; cycle < 25; cycle++)
            {
                await using LockHandle held = await mutex.LockAsync(Cancellation);
                Assert.Equal(1, Interlocked.Increment(ref inside));
                await Task.Yield();
                done++;
                Interlocked.Decrement(ref inside);
            }
        }

        await Task.WhenAll(WorkAsync(one), WorkAsync(other), WorkAsync(one), WorkAsync(other)).WaitAsync(
            TimeSpan.FromMinutes(2), Cancellation);
        Assert.Equal(100, done);

        // One of them goes while both hold something.
        RedlockMutex keeping = one.PatientMutex("kept", patient);
        await using LockHandle kept = await keeping.LockAsync(Cancellation);
        Assert.True((await other.PatientMutex("left", patient).TryLockAsync(Cancellation)).IsAcquired);
        await other.DisposeAsync();
        Assert.True(kept.IsHeld);
        Assert.Equal(ExtendStatus.Extended, (await keeping.ExtendAsync(kept, Cancellation)).Status);
        Assert.Equal(LockStatus.Contended, (await one.PatientMutex("left", MutexOptions.NonBlocking).TryLockAsync(Cancellation)).Status);
        Assert.True((await one.PatientMutex("free", MutexOptions.NonBlocking).TryLockAsync(Cancellation)).IsAcquired);
    }

    [Fact]
    public async Task Another_process_holds_its_lock_until_it_is_killed_and_its_expiry_passes()
    {
        using InMemoryNode first = InMemoryNode.Start(), second = InMemoryNode.Start(), third = InMemoryNode.Start();
        string[] endpoints = [first.Endpoint, second.UnixEndpoint, third.Endpoint];
        DirectoryInfo folder = Directory.CreateTempSubdirectory("redlock-report-");
        string report = Path.Combine(folder.FullName, "report");
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "Redlock.Fast.Tests"))
        {
            RedirectStandardOutput = true,
            ArgumentList = { "-explicit", "only", "-method", $"{typeof(TwoFactoriesTests).FullName}.{nameof(Child_that_keeps_a_lock)}" },
            Environment = { [NodesVariable] = string.Join(',', endpoints), [ReportVariable] = report },
        };
        using Process child = Process.Start(start)!;
        await using RedlockFactory factory = RedlockFactory.Create(endpoints);
        RedlockMutex mutex = factory.PatientMutex(Name, MutexOptions.NonBlocking);
        try
        {
            await Eventually.Holds(() => child.HasExited || File.Exists(report), "the other process has the lock");
            Assert.True(File.Exists(report), child.HasExited ? await child.StandardOutput.ReadToEndAsync(Cancellation) : string.Empty);

            // It renews: after more than its expiry it still has the lock.
            long seen = TimeProvider.System.GetTimestamp();
            while (TimeProvider.System.GetElapsedTime(seen) < _expiry * 1.5)
            {
                Assert.Equal(LockStatus.Contended, (await mutex.TryLockAsync(Cancellation)).Status);
                await Task.Delay(50, Cancellation);
            }
        }
        finally
        {
            child.Kill();
        }

        await Eventually.Holds(async () => (await mutex.TryLockAsync(Cancellation)).IsAcquired, "the dead process's lock has expired");
        folder.Delete(recursive: true);
    }

    [Fact(Explicit = true)]
    public async Task Child_that_keeps_a_lock()
    {
        await using RedlockFactory factory = RedlockFactory.Create(Environment.GetEnvironmentVariable(NodesVariable)!.Split(','));
        await Inspection.AllConnectedAsync(factory);
        MutexOptions kept = MutexOptions.Blocking with { Expiry = _expiry, Renew = RenewOptions.Every(0.2, Timeout.InfiniteTimeSpan) };
        await using LockHandle held = await factory.PatientMutex(Name, kept).LockAsync(Cancellation);
        await File.WriteAllTextAsync(Environment.GetEnvironmentVariable(ReportVariable)!, "held", Cancellation);
        await Task.Delay(Timeout.InfiniteTimeSpan, Cancellation);
    }
}
