using Redlock.Fast.Testing;

namespace Redlock.Fast.Resp.Tests;

// Alone in the process: other tests could not go on while the pool is blocked. The server is a process of its own.
[Collection(nameof(StarvedPoolTests))]
public sealed class StarvedSubscriptionTests
{
    private const int MoreThanThePoolAdds = 64;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    [InlineData("tls")]
    public async Task SubscriptionsAreMadeHeardAndMadeAgainWhileThePoolIsBlocked(string transport)
    {
        using ServerUnderTest server = await (transport switch
        {
            "tcp" => new RedisOverTcp().StartAsync(null),
            "unix" => new RedisOverUnixSocket().StartAsync(null),
            _ => new RedisOverTls().StartAsync(null),
        });
        ThreadPool.GetMinThreads(out int atOnce, out _);
        int blockers = Math.Max(ThreadPool.ThreadCount, atOnce) + MoreThanThePoolAdds;
        using ManualResetEvent release = new(false);
        using CountdownEvent ended = new(blockers + 1);
        bool poolWasFree = false;
        try
        {
            for (int blocker = 0; blocker < blockers; blocker++)
            {
                ThreadPool.UnsafeQueueUserWorkItem(
                    _ =>
                    {
                        release.WaitOne();
                        ended.Signal();
                    },
                    null);
            }

            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    Volatile.Write(ref poolWasFree, true);
                    ended.Signal();
                },
                null);
            using RespNode node = new(server.Dialer, new RespNodeOptions { MaxReconnectDelay = TimeSpan.FromMilliseconds(40) });
            SubscriptionRecorder recorder = new();
            RespSubscription[] subscriptions = new RespSubscription[100];
            for (int tag = 0; tag < subscriptions.Length; tag++)
            {
                subscriptions[tag] = node.Subscribe($"c{tag}", recorder, tag);
            }

            Await(() => recorder.Confirmed == 100, "confirmed");
            Assert.Equal(1, node.Send("PUBLISH", "c99", "x").Integer);
            Await(() => recorder.Messages == 1, "heard");
            node.Send("CLIENT", "KILL", "TYPE", "pubsub");
            Await(() => recorder.Confirmed == 200, "confirmed again");
            Array.ForEach(subscriptions, node.Unsubscribe);
            Await(() => node.Send("PUBLISH", "c99", "x").Integer == 0, "unsubscribed");
            Assert.False(Volatile.Read(ref poolWasFree), "The pool was not blocked, so the test proves nothing.");
        }
        finally
        {
            release.Set();
            ended.Wait(Patience, CancellationToken.None);
        }
    }

    // Nothing here may need the pool.
    private static void Await(Func<bool> condition, string what) => Assert.True(SpinWait.SpinUntil(condition, Patience), $"It never came true: {what}");
}
