namespace Redlock.Fast.Resp.Tests;

// What every server has to do with subscriptions, over every transport.
public sealed class SubscriptionContractTests
{
    public enum Server
    {
        InMemoryOverTcp = 0,
        InMemoryOverUnixSocket,
        InMemoryOverPipes,
        InMemoryOverTls,
        RedisOverTcp,
        RedisOverUnixSocket,
        RedisOverTls,
    }

    public static TheoryData<Server> Servers => [.. Enum.GetValues<Server>()];

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task What_is_published_is_heard_in_order_after_it_is_confirmed(Server kind)
    {
        using ServerUnderTest server = await StartAsync(kind);
        using RespNode node = new(server.Dialer);
        SubscriptionRecorder recorder = new();
        RespSubscription one = node.Subscribe("one", recorder, 1);
        RespSubscription two = node.Subscribe("two ü", recorder, 2);
        Assert.True(one.IsTaken && two.IsTaken);
        await Eventually.Holds(() => recorder.Confirmed == 2, "confirmed");
        for (int number = 0; number < 100; number++)
        {
            Assert.Equal(1, (await node.SendAsync("PUBLISH", number % 2 == 0 ? "one" : "two ü", $"m{number}")).Integer);
        }

        Assert.Equal(0, (await node.SendAsync("PUBLISH", "three", "nobody")).Integer);
        await Eventually.Holds(() => recorder.Messages == 100, "heard");
        Assert.Equal(["confirmed", .. Enumerable.Range(0, 50).Select(n => $"m{2 * n}")], recorder.Of(1));
        Assert.Equal(["confirmed", .. Enumerable.Range(0, 50).Select(n => $"m{(2 * n) + 1}")], recorder.Of(2));

        node.Unsubscribe(one);
        Assert.Equal("ended: Unsubscribed", recorder.Of(1)[^1]);
        await Eventually.Holds(
            () => node.SendAsync("PUBLISH", "one", "late").GetAwaiter().GetResult().Integer == 0, "unsubscribed at the node");
        Assert.Equal(1, (await node.SendAsync("PUBLISH", "two ü", "last")).Integer);
        await Eventually.Holds(() => recorder.Messages == 101, "the other goes on");
        Assert.Equal("ended: Unsubscribed", recorder.Of(1)[^1]);
        Assert.Equal(0, recorder.Overlaps);
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public async Task A_killed_connection_is_made_again_with_all_its_channels_and_tells_it(Server kind)
    {
        using ServerUnderTest server = await StartAsync(kind);
        using RespNode node = new(server.Dialer, new RespNodeOptions { MaxReconnectDelay = TimeSpan.FromMilliseconds(50) });
        SubscriptionRecorder recorder = new();
        node.Subscribe("one", recorder, 1);
        node.Subscribe("two", recorder, 2);
        RespSubscription gone = node.Subscribe("gone", recorder, 3);
        for (int round = 1; round <= 5; round++)
        {
            await Eventually.Holds(
                () => recorder.Of(1).Count(told => told == "confirmed") == round
                    && recorder.Of(2).Count(told => told == "confirmed") == round,
                $"confirmed {round}");
            node.Unsubscribe(gone);
            Assert.Equal(1, (await Eventually.Answered(node, "CLIENT", "KILL", "TYPE", "pubsub")).Integer);
        }

        await Eventually.Holds(
            () => recorder.Of(1)[^1] == "confirmed" && recorder.Of(2)[^1] == "confirmed" && recorder.Of(1).Length == 11,
            "confirmed at last");
        Assert.Equal(1, (await node.SendAsync("PUBLISH", "two", "again")).Integer);
        Assert.Equal(0, (await node.SendAsync("PUBLISH", "gone", "again")).Integer);
        await Eventually.Holds(() => recorder.Of(2)[^1] == "again", "heard again");
        Assert.Equal(["confirmed", "lost", "confirmed"], recorder.Of(1)[..3]);
        Assert.StartsWith(node.Name, recorder.LastText, StringComparison.Ordinal);
        Assert.Equal(0, node.Reconnects);
    }

    [Theory]
    [InlineData(Server.InMemoryOverTcp)]
    [InlineData(Server.RedisOverTcp)]
    [InlineData(Server.RedisOverUnixSocket)]
    [InlineData(Server.RedisOverTls)]
    public async Task Ten_thousand_come_and_go_at_once_and_come_back_after_a_loss(Server kind)
    {
        const int Channels = 10_000;
        using ServerUnderTest server = await StartAsync(kind);
        using RespNode node = new(server.Dialer);
        SubscriptionRecorder recorder = new();
        RespSubscription[] subscriptions =
            [.. Enumerable.Range(0, Channels).Select(tag => node.Subscribe($"channel:{tag}", recorder, tag))];
        Assert.All(subscriptions, subscription => Assert.True(subscription.IsTaken));
        await Eventually.Holds(() => recorder.Confirmed == Channels, "all confirmed");
        Assert.Equal(1, (await Eventually.Answered(node, "CLIENT", "KILL", "TYPE", "pubsub")).Integer);
        await Eventually.Holds(() => recorder.Lost == Channels && recorder.Confirmed == 2 * Channels, "all confirmed again");
        Assert.Equal(1, (await node.SendAsync("PUBLISH", "channel:9999", "x")).Integer);
        await Eventually.Holds(() => recorder.Messages == 1, "heard");
        foreach (RespSubscription subscription in subscriptions)
        {
            node.Unsubscribe(subscription);
        }

        Assert.Equal(Channels, recorder.Ended);
        await Eventually.Holds(() => node.SendAsync("PUBLISH", "channel:9999", "x").GetAwaiter().GetResult().Integer == 0, "none left");
        Assert.Equal(["confirmed", "lost", "confirmed", "x", "ended: Unsubscribed"], recorder.Of(9999));
        Assert.Equal(0, recorder.Overlaps);
    }

    [Theory]
    [InlineData(Server.InMemoryOverTcp)]
    [InlineData(Server.RedisOverTcp)]
    [InlineData(Server.RedisOverTls)]
    public async Task It_logs_in_as_its_node_does(Server kind)
    {
        using ServerUnderTest server = await StartAsync(kind, RespNodeContract.Password);
        using RespNode named = new(
            server.Dialer, new RespNodeOptions { User = RespNodeContract.User, Password = RespNodeContract.UserPassword, Database = 3 });
        using RespNode wrong = new(server.Dialer, new RespNodeOptions { Password = "not-the-password" });
        using RespNode right = new(server.Dialer, new RespNodeOptions { Password = RespNodeContract.Password });
        SubscriptionRecorder recorder = new();
        SubscriptionRecorder unheard = new();
        named.Subscribe("c", recorder, 1);
        right.Subscribe("c", recorder, 2);
        wrong.Subscribe("c", unheard, 3);
        await Eventually.Holds(() => recorder.Confirmed == 2 && unheard.Lost == 1, "confirmed, and not");
        Assert.Contains("AUTH was refused with WRONGPASS", unheard.LastText, StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-password", unheard.LastText, StringComparison.Ordinal);
        Assert.Equal(2, (await right.SendAsync("PUBLISH", "c", "x")).Integer);
    }

    [Theory]
    [InlineData(Server.InMemoryOverTcp)]
    [InlineData(Server.RedisOverTcp)]
    [InlineData(Server.RedisOverTls)]
    public async Task A_flood_is_heard_in_full(Server kind)
    {
        const int Messages = 50_000;
        using ServerUnderTest server = await StartAsync(kind);
        using RespNode node = new(server.Dialer, new RespNodeOptions { QueueLimits = new RespQueueLimits
        {
            OrdinaryRequests = Messages + 1,
            AllRequests = 4 * Messages,
            OrdinaryBytes = 4 * Messages * 16,
        } });
        int heard = 0;
        int wrong = 0;
        SubscriptionRecorder recorder = new();
        recorder.Then = (_, told) => wrong += told == "confirmed" || told == $"{heard++}" ? 0 : 1;
        node.Subscribe("c", recorder);
        await Eventually.Holds(() => recorder.Confirmed == 1, "confirmed");
        await Eventually.Connected(node);
        OutcomeRecorder published = new();
        for (int number = 0; number < Messages; number++)
        {
            Assert.True(node.TrySend(Sending.Frame("PUBLISH", "c", $"{number}"), Sending.Request(node, published, number)).IsTaken);
        }

        await Eventually.Holds(() => recorder.Messages == Messages, "all heard");
        Assert.Equal(0, wrong);
        Assert.Equal(0, recorder.Lost);
    }

    private static Task<ServerUnderTest> StartAsync(Server kind, string? password = null) => kind switch
    {
        Server.InMemoryOverTcp => new InMemoryOverTcp().StartAsync(password),
        Server.InMemoryOverUnixSocket => new InMemoryOverUnixSocket().StartAsync(password),
        Server.InMemoryOverPipes => new InMemoryOverPipes().StartAsync(password),
        Server.InMemoryOverTls => new InMemoryOverTls().StartAsync(password),
        Server.RedisOverTcp => new RedisOverTcp().StartAsync(password),
        Server.RedisOverUnixSocket => new RedisOverUnixSocket().StartAsync(password),
        _ => new RedisOverTls().StartAsync(password),
    };
}
