using Redlock.Fast.Resp;
using static Redlock.Fast.Unit.Tests.PatientWaits;

namespace Redlock.Fast.Unit.Tests;

/// <summary>What the head of a line does when something is heard, under a clock that stands still.</summary>
public class WokenHeadTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // With two of three, whoever holds it may stand on the other two. With all of three, nobody does without the first.
    [Theory]
    [InlineData(2, true)]
    [InlineData(3, false)]
    public async Task Refused_behind_a_first_node_that_granted_it_moves_where_others_may_hold_the_lock(int quorumSize, bool moves)
    {
        using ScriptedQuorum quorum = new(3);
        Array.ForEach(quorum.Nodes, node => node.Subscribers = []);
        Task<LockResult> waiting = WaitBehindSomebody(quorum, quorum.Mutex(Patient with { Quorum = quorumSize }));
        ScriptedChannel first = Assert.Single(quorum.Nodes, node => node.Subscribers!.Count == 1);
        (SubscriptionHandler handler, long tag) = first.Subscribers![0];
        handler.OnConfirmed(tag);
        first.Reply(first.LatestAttempt(), ScriptedQuorum.Ok);
        foreach (ScriptedChannel other in quorum.Nodes.Except([first]))
        {
            other.Refuse(other.LatestAttempt());
        }

        Assert.Equal(moves, quorum.Nodes.Except([first]).Any(node => node.Subscribers!.Count == 1));
        Assert.Equal(1, quorum.Factory.Waiters);
        Assert.False(waiting.IsCompleted);
    }

    // It gives way to whom it met. What is published before it is heard on the other node it learns when it asks again.
    [Fact]
    public async Task Stepping_back_it_does_not_ask_as_soon_as_it_hears_on_another_node()
    {
        using ScriptedQuorum quorum = new(3);
        Array.ForEach(quorum.Nodes, node => node.Subscribers = []);
        Task<LockResult> waiting = WaitBehindSomebody(quorum, quorum.Mutex(Patient));
        ScriptedChannel first = Assert.Single(quorum.Nodes, node => node.Subscribers!.Count == 1);
        (SubscriptionHandler handler, long tag) = first.Subscribers![0];
        handler.OnConfirmed(tag);
        first.Reply(first.LatestAttempt(), ScriptedQuorum.Ok);
        quorum.Clock.Advance(While);
        foreach (ScriptedChannel other in quorum.Nodes.Except([first]))
        {
            other.Refuse(other.LatestAttempt());
        }

        ScriptedChannel next = Assert.Single(quorum.Nodes.Except([first]), node => node.Subscribers!.Count == 1);
        int asked = next.LatestAttempt();
        (handler, tag) = next.Subscribers![0];
        handler.OnConfirmed(tag);
        Assert.Equal(asked, next.LatestAttempt());
        await BackedOff(quorum, () => next.LatestAttempt() > asked);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
    }

    // More wakes than one head answers in a try: a server's whim, or two processes that hand the lock to and fro for long.
    [Fact]
    public async Task Who_comes_to_an_empty_line_is_woken_however_often_who_stood_there_before_was()
    {
        const int Wakes = 10_001;
        using ScriptedQuorum quorum = new(1);
        ScriptedChannel node = quorum.Nodes[0];
        node.Subscribers = [];
        RedlockMutex mutex = quorum.Mutex(Patient);
        Task<LockResult> before = WaitBehindSomebody(quorum, mutex);
        (SubscriptionHandler handler, long tag) = node.Subscribers[^1];
        handler.OnConfirmed(tag);
        for (int wake = 0; wake < Wakes; wake++)
        {
            handler.OnMessage(tag, "1"u8);
        }

        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await before.SoonAsync()).IsAcquired);

        Task<LockResult> waiting = WaitBehindSomebody(quorum, mutex);
        (handler, tag) = node.Subscribers[^1];
        handler.OnConfirmed(tag);
        int asked = node.LatestAttempt();
        node.Refuse(asked);
        node.Refuse(asked = node.LatestAttempt());
        Assert.Equal(asked, node.LatestAttempt());
        handler.OnMessage(tag, "1"u8);
        Assert.True(node.LatestAttempt() > asked);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
    }

    // Whoever holds all of three holds the first: it met somebody on his way, and left no mark where it sleeps.
    [Fact]
    public async Task Refused_by_another_node_before_the_first_has_answered_it_asks_again_soon()
    {
        using ScriptedQuorum quorum = new(3);
        Array.ForEach(quorum.Nodes, node => node.Subscribers = []);
        Task<LockResult> waiting = WaitBehindSomebody(quorum, quorum.Mutex(Patient with { Quorum = 3 }));
        ScriptedChannel first = Assert.Single(quorum.Nodes, node => node.Subscribers!.Count == 1);
        (SubscriptionHandler handler, long tag) = first.Subscribers![0];
        handler.OnConfirmed(tag);
        first.Refuse(first.LatestAttempt());
        handler.OnMessage(tag, "1"u8);
        int asked = first.LatestAttempt();
        ScriptedChannel other = quorum.Nodes.First(node => node != first);
        other.Refuse(other.LatestAttempt());
        await BackedOff(quorum, () => first.LatestAttempt() > asked);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
    }

    [Fact]
    public async Task Met_by_a_key_that_is_left_on_another_node_it_sleeps_there_in_place_of_asking_for_ever()
    {
        using ScriptedQuorum quorum = new(3);
        Array.ForEach(quorum.Nodes, node => node.Subscribers = []);
        _ = WaitBehindSomebody(quorum, quorum.Mutex(Patient with { Quorum = 3 }));
        ScriptedChannel first = Assert.Single(quorum.Nodes, node => node.Subscribers!.Count == 1);
        ScriptedChannel left = quorum.Nodes.First(node => node != first);
        (SubscriptionHandler handler, long tag) = first.Subscribers![0];
        handler.OnConfirmed(tag);
        int rounds = 0;
        int refused = 0;
        for (; left.Subscribers!.Count == 0; rounds++)
        {
            Assert.True(rounds < 10, "it asks and asks");
            int met = first.LatestAttempt();
            first.Reply(met, ScriptedQuorum.Ok);
            left.Refuse(refused = left.LatestAttempt());
            await BackedOff(quorum, () => first.LatestAttempt() > met || left.Subscribers.Count != 0);
        }

        Assert.True(rounds > 1, "who is on his way is gone soon");
        (handler, tag) = Assert.Single(left.Subscribers);
        handler.OnConfirmed(tag);
        await BackedOff(quorum, () => left.LatestAttempt() > refused);

        // Its back-off may have ended before it heard: then it asks once more.
        while (left.LatestAttempt() > refused)
        {
            left.Refuse(refused = left.LatestAttempt());
        }

        int asked = quorum.Nodes.Sum(node => node.Sent.Count);
        quorum.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(asked, quorum.Nodes.Sum(node => node.Sent.Count));
    }

    [Theory]
    [InlineData("2", true)]
    [InlineData("1", false)]
    public async Task Woken_by_what_its_own_process_released_it_lets_others_go_first_if_there_are_any(string hearers, bool yields)
    {
        using ScriptedQuorum quorum = new(1);
        quorum.Nodes[0].Subscribers = [];
        RedlockMutex mutex = quorum.Mutex(Patient with { SuccessionLimit = 0 });
        LockHandle held = await quorum.TakeAsync(mutex);
        Task<LockResult> waiting = WaitBehindSomebody(quorum, mutex);
        (SubscriptionHandler handler, long tag) = Assert.Single(quorum.Nodes[0].Subscribers!);
        handler.OnConfirmed(tag);
        quorum.AnswerAttempts(HeldForLong);
        ValueTask<UnlockStatus> release = mutex.UnlockAsync(held.Token, Token);
        quorum.Clock.Advance(While);
        quorum.Nodes[0].Reply(quorum.Nodes[0].Sent.Count - 1, ":2\r\n");
        Assert.Equal(UnlockStatus.Released, await release);
        int sent = quorum.Nodes[0].Sent.Count;
        handler.OnMessage(tag, System.Text.Encoding.ASCII.GetBytes(hearers));
        Assert.Equal(yields ? sent : sent + 1, quorum.Nodes[0].Sent.Count);
        quorum.Clock.Advance(While);
        Assert.Equal(sent + 1, quorum.Nodes[0].Sent.Count);
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
    }

    // Of a lock that its own process holds nothing is published, so a line that believes in one does not ask behind its subscription.
    [Fact]
    public async Task Behind_a_succession_that_failed_it_asks_as_soon_as_it_hears()
    {
        using ScriptedQuorum quorum = new(1);
        RedlockMutex mutex = quorum.Mutex(Patient);
        LockHandle held = await quorum.TakeAsync(mutex);
        Task<LockResult> second = WaitBehindSomebody(quorum, mutex);
        ValueTask<UnlockStatus> release = mutex.UnlockAsync(held.Token, Token);
        Task<LockResult> third = TryAsync(mutex, Wait, Token);
        quorum.AnswerAttempts("+SUCCEEDED\r\n");
        Assert.Equal(UnlockStatus.Released, await release);
        LockResult handed = await second.SoonAsync();
        quorum.Nodes[0].Subscribers = [];
        quorum.AnswerAttempts(ScriptedQuorum.Nil);
        ValueTask<UnlockStatus> again = mutex.UnlockAsync(handed.Token, Token);
        int succession = quorum.Nodes[0].LatestAttempt();
        quorum.Nodes[0].Reply(succession, HeldForLong);
        Assert.Equal(UnlockStatus.NotHeld, await again);

        // It steps back first, as after a split.
        await BackedOff(quorum, () => quorum.Nodes[0].LatestAttempt() > succession);
        int asked = quorum.Nodes[0].LatestAttempt();
        quorum.Nodes[0].Reply(asked, HeldForLong);
        (SubscriptionHandler handler, long tag) = Assert.Single(quorum.Nodes[0].Subscribers!);
        handler.OnConfirmed(tag);
        Assert.True(quorum.Nodes[0].LatestAttempt() > asked, "what is published before that went unheard");
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await third.SoonAsync()).IsAcquired);
    }

    [Fact]
    public async Task Told_to_let_others_go_first_while_it_asks_it_asks_once_more()
    {
        using ScriptedQuorum quorum = new(1);
        RedlockMutex mutex = quorum.Mutex(Patient with { SuccessionLimit = 0 });
        LockHandle held = await quorum.TakeAsync(mutex);
        Task<LockResult> waiting = WaitBehindSomebody(quorum, mutex);
        quorum.Clock.Advance(Delay);
        int asked = quorum.Nodes[0].LatestAttempt();
        ValueTask<UnlockStatus> release = mutex.UnlockAsync(held.Token, Token);
        quorum.Nodes[0].Reply(quorum.Nodes[0].Sent.Count - 1, ":2\r\n");
        Assert.Equal(UnlockStatus.Released, await release);
        quorum.Nodes[0].Reply(asked, HeldForLong);
        Assert.True(quorum.Nodes[0].LatestAttempt() > asked, "what it met was gone by then");
        quorum.AnswerAttempts(ScriptedQuorum.Ok);
        Assert.True((await waiting.SoonAsync()).IsAcquired);
    }

    // For how long is drawn by lot.
    private static Task BackedOff(ScriptedQuorum quorum, Func<bool> condition) => Eventually.Holds(() =>
    {
        quorum.Clock.Advance(While);
        return condition();
    });
}
