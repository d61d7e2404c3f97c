using Redlock.Fast.Testing;

namespace Redlock.Fast.Resp.Tests;

// Alone in the process: other tests could not go on while the pool is blocked. The server is a process of its own.
[Collection(nameof(StarvedPoolTests))]
public sealed class StarvedSubscriptionTests
{
    [Theory]
    [InlineData("tcp")]
    [InlineData("unix")]
    [InlineData("tls")]
    public async Task Subscriptions_are_made_heard_and_made_again_while_the_pool_is_blocked(string transport)
    {
        using ServerUnderTest server = await (transport switch
        {
            "tcp" => new RedisOverTcp().StartAsync(null),
            "unix" => new RedisOverUnixSocket().StartAsync(null),
            _ => new RedisOverTls().StartAsync(null),
        });
        using BlockedPool pool = new();
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
        Assert.True(pool.IsBlocked, "The pool was not blocked, so the test proves nothing.");
    }

    // Nothing here may need the pool.
    private static void Await(Func<bool> condition, string what) =>
        Assert.True(SpinWait.SpinUntil(condition, Eventually.Patience), $"It never came true: {what}");
}
