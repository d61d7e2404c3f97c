using Redlock.Fast.Testing;

namespace Redlock.Fast.Resp.Tests;

// What is taken, what is not, and in which order it is told.
public sealed class SubscriptionTests
{
    [Fact]
    public async Task A_channel_has_one_handler_and_numbers_are_never_used_twice()
    {
        await using InMemoryNode server = InMemoryNode.Start();
        using RespNode node = new(server.Dialer);
        SubscriptionRecorder recorder = new();
        RespSubscription first = node.Subscribe("c", recorder, 1);
        RespSubscription refused = node.Subscribe("c", recorder, 2);
        Assert.False(refused.IsTaken);
        Assert.Equal(SubscriptionEnd.AlreadySubscribed, refused.Failure);
        node.Unsubscribe(refused);
        node.Unsubscribe(default);
        Assert.Equal(0, recorder.Ended);

        node.Unsubscribe(first);
        RespSubscription second = node.Subscribe("c", recorder, 3);
        Assert.True(second.IsTaken);
        Assert.NotEqual(first, second);
        node.Unsubscribe(first);
        await Eventually.Holds(() => recorder.Of(3).Contains("confirmed"), "confirmed");
        Assert.Equal(1, (await node.SendAsync("PUBLISH", "c", "x")).Integer);
        await Eventually.Holds(() => recorder.Of(3) is ["confirmed", "x"], "heard");
        Assert.Equal("ended: Unsubscribed", recorder.Of(1)[^1]);
        Assert.Empty(recorder.Of(2));
    }

    [Fact]
    public async Task There_is_room_for_so_many_and_room_that_is_given_back_is_used_again()
    {
        await using InMemoryNode server = InMemoryNode.Start();
        using RespNode node = new(server.Dialer, new RespNodeOptions { MaxSubscriptions = 3 });
        SubscriptionRecorder recorder = new();
        RespSubscription[] taken = [.. Enumerable.Range(0, 3).Select(tag => node.Subscribe($"{tag}", recorder, tag))];
        Assert.All(taken, subscription => Assert.True(subscription.IsTaken));
        Assert.Equal(SubscriptionEnd.NoRoom, node.Subscribe("one too many", recorder).Failure);
        node.Unsubscribe(taken[1]);
        await Eventually.Holds(() => node.Subscribe("another", recorder, 7).IsTaken, "room again");
        await Eventually.Holds(() => recorder.Of(7) is ["confirmed"], "confirmed");
        Assert.Throws<ArgumentOutOfRangeException>(() => new RespNodeOptions { MaxSubscriptions = 0 });
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1_000, true)]
    [InlineData(3_000, true)]
    [InlineData(4_096, false)]
    [InlineData(1_000_000, false)]
    public async Task Any_name_will_do_that_the_queue_takes(int length, bool isTaken)
    {
        await using InMemoryNode server = InMemoryNode.Start();
        using RespNode node = new(server.Dialer, new RespNodeOptions
        {
            QueueLimits = new RespQueueLimits { OrdinaryBytes = 4096, OrdinaryRequests = 1, WindowBytes = 1024 },
        });
        SubscriptionRecorder recorder = new();
        byte[] channel = new byte[length];
        new Random(length).NextBytes(channel);
        RespSubscription subscription = node.TrySubscribe(channel, recorder, 1);
        Assert.Equal(isTaken, subscription.IsTaken);
        Assert.True(isTaken || subscription.Failure == SubscriptionEnd.NoRoom);
        Assert.True(node.Subscribe("another", recorder, 2).IsTaken);
        RespSubscription gone = node.Subscribe("gone", recorder, 3);
        await Eventually.Holds(() => recorder.Confirmed == (isTaken ? 3 : 2), "confirmed");
        node.Unsubscribe(gone);
        await Eventually.Holds(() => node.Send("PUBLISH", "gone", "x").Integer == 0, "gone");
        Assert.Equal(1, (await node.SendAsync("CLIENT", "KILL", "TYPE", "pubsub")).Integer);
        await Eventually.Holds(() => recorder.Confirmed == (isTaken ? 5 : 3), "confirmed again");
        node.Unsubscribe(subscription);
        Assert.Equal(isTaken ? ["confirmed", "lost", "confirmed", "ended: Unsubscribed"] : [], recorder.Of(1));
        Assert.Equal(["confirmed", "lost", "confirmed"], recorder.Of(2));
    }

    // While there is no connection nothing can be said to the node, and nothing may pile up.
    [Fact]
    public async Task Coming_and_going_without_a_connection_leaves_nothing_behind()
    {
        using RespNode node = new(Dialer.From("nowhere", _ => throw new IOException("no")), new RespNodeOptions { MaxSubscriptions = 2 });
        SubscriptionRecorder recorder = new();
        node.Subscribe("stays", recorder, -1);
        for (int tag = 0; tag < 10_000; tag++)
        {
            RespSubscription subscription = node.Subscribe($"c{tag}", recorder, tag);
            Assert.True(subscription.IsTaken);
            node.Unsubscribe(subscription);
        }

        Assert.Equal(10_000, recorder.Ended);
        await Eventually.Holds(() => recorder.Of(-1) is ["lost"], "told once that there is none");
        Assert.Contains("nowhere: the dial failed: no", recorder.LastText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Coming_and_going_faster_than_the_node_answers_ends_as_the_last_wish_was()
    {
        await using InMemoryNode server = InMemoryNode.Start();
        using RespNode node = new(server.Dialer);
        SubscriptionRecorder recorder = new();
        for (int round = 0; round < 2_000; round++)
        {
            RespSubscription subscription = node.Subscribe("c", recorder, round);
            Assert.True(subscription.IsTaken);
            node.Unsubscribe(subscription);
        }

        RespSubscription last = node.Subscribe("c", recorder, 9_999);
        await Eventually.Holds(() => recorder.Of(9_999) is ["confirmed"], "confirmed");
        Assert.Equal(1, (await node.SendAsync("PUBLISH", "c", "x")).Integer);
        await Eventually.Holds(() => recorder.Of(9_999) is ["confirmed", "x"], "heard");
        node.Unsubscribe(last);
        await Eventually.Holds(() => node.Send("PUBLISH", "c", "x").Integer == 0, "nobody");
        Assert.Equal(2_001, recorder.Ended);
        Assert.Equal(0, recorder.Overlaps);
    }

    [Fact]
    public async Task Nothing_is_told_after_the_end()
    {
        const int Rounds = 300;
        await using InMemoryNode server = InMemoryNode.Start();
        using RespNode node = new(server.Dialer);
        SubscriptionRecorder recorder = new();
        using CancellationTokenSource stop = new();
        Task publishing = PublishUntil(node, stop.Token);
        for (int round = 0; round < Rounds; round++)
        {
            RespSubscription subscription = node.Subscribe("c", recorder, round);
            await Eventually.Holds(() => recorder.Of(round).Length > 1, "a message");
            node.Unsubscribe(subscription);
        }

        await Eventually.Holds(() => recorder.Ended == Rounds, "all ended");
        await stop.CancelAsync();
        await publishing;
        for (int round = 0; round < Rounds; round++)
        {
            string[] told = recorder.Of(round);
            Assert.Equal("confirmed", told[0]);
            Assert.Equal("ended: Unsubscribed", told[^1]);
            Assert.Single(told, "ended: Unsubscribed");
        }

        Assert.Equal(0, recorder.Overlaps);
    }

    [Fact]
    public async Task An_end_during_a_call_comes_behind_the_call_and_the_one_who_ends_it_does_not_wait()
    {
        await using InMemoryNode server = InMemoryNode.Start();
        using RespNode node = new(server.Dialer);
        using ManualResetEventSlim inside = new();
        using ManualResetEventSlim release = new();
        SubscriptionRecorder recorder = new()
        {
            Then = (_, told) =>
            {
                if (told == "x")
                {
                    inside.Set();
                    release.Wait(Eventually.Patience);
                }
            },
        };
        RespSubscription subscription = node.Subscribe("c", recorder);
        await Eventually.Holds(() => recorder.Confirmed == 1, "confirmed");
        await node.SendAsync("PUBLISH", "c", "x");
        await node.SendAsync("PUBLISH", "c", "y");
        Assert.True(inside.Wait(Eventually.Patience, TestContext.Current.CancellationToken));
        node.Unsubscribe(subscription);
        Assert.Equal(0, recorder.Ended);
        release.Set();
        await Eventually.Holds(() => recorder.Ended == 1, "ended");
        Assert.Equal(["confirmed", "x", "ended: Unsubscribed"], recorder.Of(0));
        Assert.Equal(0, recorder.Overlaps);
    }

    [Fact]
    public async Task A_handler_may_end_and_begin_subscriptions_from_within()
    {
        await using InMemoryNode server = InMemoryNode.Start();
        using RespNode node = new(server.Dialer);
        RespSubscription current = default;

        // The first may be confirmed, and hear the message, before the call that makes it has returned.
        using ManualResetEventSlim isKnown = new();
        SubscriptionRecorder recorder = new();
        recorder.Then = (tag, told) =>
        {
            if (told == "x")
            {
                isKnown.Wait(Eventually.Patience);
                node.Unsubscribe(current);
            }
            else if (told.StartsWith("ended", StringComparison.Ordinal) && tag < 10)
            {
                current = node.Subscribe("c", recorder, tag + 1);
            }
            else if (told == "confirmed")
            {
                node.TrySend(Sending.Frame("PUBLISH", "c", "x"), new RespRequest { DeadlineTicks = long.MaxValue });
            }
        };
        await Eventually.Connected(node);
        current = node.Subscribe("c", recorder, 1);
        isKnown.Set();
        await Eventually.Holds(() => recorder.Ended == 10, "ten in a row");
        Assert.All(Enumerable.Range(1, 10), tag => Assert.Equal(["confirmed", "x", "ended: Unsubscribed"], recorder.Of(tag)));
    }

    [Fact]
    public async Task A_handler_that_throws_is_left_alone()
    {
        await using InMemoryNode server = InMemoryNode.Start();
        using RespNode node = new(server.Dialer);
        SubscriptionRecorder thrower = new() { Then = (_, _) => throw new InvalidOperationException("on purpose") };
        SubscriptionRecorder recorder = new();
        RespSubscription subscription = node.Subscribe("c", thrower);
        node.Subscribe("d", recorder);
        await Eventually.Holds(() => thrower.Confirmed + recorder.Confirmed == 2, "confirmed");
        await node.SendAsync("PUBLISH", "c", "x");
        await node.SendAsync("PUBLISH", "d", "x");
        await Eventually.Holds(() => thrower.Messages + recorder.Messages == 2, "heard");
        await node.SendAsync("CLIENT", "KILL", "TYPE", "pubsub");
        await Eventually.Holds(() => thrower.Confirmed + recorder.Confirmed == 4, "confirmed again");
        node.Unsubscribe(subscription);
        Assert.Equal(["confirmed", "x", "lost", "confirmed", "ended: Unsubscribed"], thrower.Of(0));
        Assert.Equal(["confirmed", "x", "lost", "confirmed"], recorder.Of(0));
    }

    [Fact]
    public void Another_path_to_a_node_hears_nothing_unless_it_says_so()
    {
        SubscriptionRecorder recorder = new();
        RespSubscription subscription = new Deaf().TrySubscribe("c"u8, recorder, 1);
        Assert.False(subscription.IsTaken);
        Assert.Equal(SubscriptionEnd.NotSupported, subscription.Failure);
        new Deaf().Unsubscribe(subscription);
        Assert.Empty(recorder.Of(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RespSubscription(0L));
    }

    private static async Task PublishUntil(RespNode node, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await node.SendAsync(["PUBLISH", "c", "m"], CancellationToken.None);
        }
    }

    private sealed class Deaf : RespChannel
    {
        public override string Name => "deaf";

        public override TimeProvider TimeProvider => TimeProvider.System;

        public override RespTicket TrySend(ReadOnlySpan<byte> frame, in RespRequest request) => default;

        public override string Describe(RequestFailure failure) => string.Empty;
    }
}
