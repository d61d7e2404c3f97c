using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>What a disposed factory leaves behind in its process: nothing.</summary>
[Collection(nameof(ListeningAlone))]
public sealed class FactoryLifetimeTests
{
    private const int Cycles = 300;

    [Fact]
    public async Task Hundreds_of_factories_over_nodes_leave_no_thread_and_no_timer()
    {
        await using InMemoryNode first = InMemoryNode.Start(), second = InMemoryNode.Start(), third = InMemoryNode.Start();
        string[] endpoints = [first.Endpoint, second.UnixEndpoint, third.Endpoint];

        // What the process keeps for all factories, one thread for their timers, is there after the first.
        int before = LibraryThreads();
        await CycleAsync(endpoints, 0);
        await Eventually.Holds(() => LibraryThreads() <= before + 1, "the first factory's threads are gone");
        int threads = LibraryThreads();
        long timers = Timer.ActiveCount;
        for (int cycle = 1; cycle <= Cycles; cycle++)
        {
            await CycleAsync(endpoints, cycle);
        }

        await Eventually.Holds(() => LibraryThreads() <= threads, $"no thread is left beyond {threads}");
        await Eventually.Holds(() => Timer.ActiveCount <= timers, $"no timer is left beyond {timers}");
    }

    [Fact]
    public async Task Hundreds_of_nodes_leave_no_timer_and_no_folder()
    {
        List<string> folders = [];
        int threads = LibraryThreads();
        long timers = Timer.ActiveCount;
        for (int cycle = 0; cycle < Cycles; cycle++)
        {
            await using InMemoryNode node = InMemoryNode.Start();
            folders.Add(Path.GetDirectoryName(node.UnixEndpoint["unix:".Length..])!);
            await CycleAsync([node.UnixEndpoint], cycle);
        }

        await Eventually.Holds(() => Timer.ActiveCount <= timers, $"no timer is left beyond {timers}");
        await Eventually.Holds(() => LibraryThreads() <= threads + 1, $"no thread is left beyond {threads} and the timers'");
        Assert.DoesNotContain(folders, Directory.Exists);
    }

    // A lock renewed, one waited for in vain, and one that is still held when the factory goes.
    private static async Task CycleAsync(string[] endpoints, int cycle)
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        await using RedlockFactory factory = RedlockFactory.Create(endpoints);
        MutexOptions options = MutexOptions.Blocking with
        {
            Expiry = TimeSpan.FromMinutes(1),
            Renew = RenewOptions.Every(0.01, Timeout.InfiniteTimeSpan),
        };
        await using (LockHandle held = await factory.PatientMutex($"kept-{cycle}", options).LockAsync(cancellation))
        {
            RedlockMutex other = factory.PatientMutex($"kept-{cycle}", MutexOptions.NonBlocking);
            Assert.Equal(LockStatus.Contended, (await other.TryLockAsync(cancellation)).Status);
        }

        Assert.True(factory.PatientMutex($"left-{cycle}", options).TryLock(cancellation).IsAcquired);
    }

    // Named after the library and what they serve; the tests' own threads carry the name of their program.
    private static int LibraryThreads()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The names of threads are read from /proc.");
        int threads = 0;
        foreach (string thread in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                threads += File.ReadAllText(Path.Combine(thread, "comm")).StartsWith("Redlock.Fast ", StringComparison.Ordinal) ? 1 : 0;
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        }

        return threads;
    }
}
