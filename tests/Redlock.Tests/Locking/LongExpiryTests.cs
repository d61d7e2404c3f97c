using Redlock.Fast.Resp;

namespace Redlock.Fast.Tests;

/// <summary>Expiries and limits of hours and weeks, which overflow what counts in fewer bits.</summary>
public sealed class LongExpiryTests
{
    private const int Cycles = 20;

    [Theory]
    [InlineData(Transport.Tcp, 1, null)]
    [InlineData(Transport.Tcp, 1, 0.2)]
    [InlineData(Transport.Tcp, 24, null)]
    [InlineData(Transport.Tcp, 24, 11.9)]
    [InlineData(Transport.Unix, 1, null)]
    [InlineData(Transport.Unix, 24, 11.9)]
    [InlineData(Transport.Tls, 1, null)]
    [InlineData(Transport.Tls, 24, 11.9)]
    public async Task Locks_of_days_and_weeks_are_taken_extended_and_released(Transport transport, double days, double? limitDays)
    {
        using ServerOfEveryTransport server = await ServerOfEveryTransport.StartAsync();
        RedlockFactory factory = await server.ConnectAllAsync(transport);
        MutexOptions options = MutexOptions.NonBlocking with
        {
            Expiry = TimeSpan.FromDays(days),
            NodeTimeLimit = limitDays is { } limit ? TimeSpan.FromDays(limit) : null,
        };
        for (int cycle = 0; cycle < Cycles; cycle++)
        {
            RedlockMutex mutex = factory.CreateMutex(Inspection.NewName(), options);
            LockResult taken = mutex.TryLock(CancellationToken.None);
            Assert.Equal(LockStatus.Acquired, taken.Status);
            ExtendResult extended = mutex.Extend(taken.Token, CancellationToken.None);
            Assert.Equal(ExtendStatus.Extended, extended.Status);
            Assert.Equal(UnlockStatus.Released, mutex.Unlock(extended.Token, CancellationToken.None));

            taken = await mutex.TryLockAsync(TestContext.Current.CancellationToken);
            Assert.Equal(LockStatus.Acquired, taken.Status);
            Assert.True(taken.Token.DeadlineTicks > MonotonicTime.Shared.GetTimestamp());
            extended = await mutex.ExtendAsync(taken.Token, TestContext.Current.CancellationToken);
            Assert.Equal(ExtendStatus.Extended, extended.Status);
            Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(extended.Token, TestContext.Current.CancellationToken));
        }

        Assert.Equal(0, (await factory.AskAllAsync("DBSIZE"))[0].Integer);
        Assert.Null(factory.Node(0).LastError);
        Assert.Equal(0, factory.Node(0).Reconnects);
    }
}
