using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

// One caller that reads the replies of all nodes: it has all their turns or none, and leaves what it does not need.
public sealed class ReadTurnsTests : IDisposable
{
    private readonly ScriptedTurn[] _nodes = [new(), new(), new()];
    private readonly Awaiter _awaiter = new();
    private readonly ReadTurns _turns;

    public ReadTurnsTests() => _turns = Of(_nodes);

    public void Dispose() => Array.ForEach(_nodes, static node => node.Dispose());

    [Fact]
    public void A_caller_reads_whichever_node_has_answered_until_it_needs_no_more()
    {
        Assert.True(_turns.TryTake());
        _nodes[2].Send();
        _nodes[2].OnRead = () => _nodes[0].Send();
        _nodes[0].OnRead = () =>
        {
            _nodes[1].Send();
            _awaiter.AwaitsReplies = false;
        };
        _turns.ReadFor(_awaiter, long.MaxValue);
        Assert.Equal(["begin", "read", "Late"], _nodes[0].Calls);
        Assert.Equal(["begin", "Late"], _nodes[1].Calls);
        Assert.Equal(["begin", "read", "Late"], _nodes[2].Calls);
    }

    [Fact]
    public void Whoever_has_answered_is_read_though_it_is_decided_without_him()
    {
        Assert.True(_turns.TryTake());
        Array.ForEach(_nodes, static node => node.Send());
        _nodes[0].OnRead = () => _awaiter.AwaitsReplies = false;
        _turns.ReadFor(_awaiter, long.MaxValue);
        Assert.All(_nodes, static node => Assert.Equal(["begin", "read", "Late"], node.Calls));
    }

    [Fact]
    public void Where_one_turn_is_not_to_be_had_none_is_kept()
    {
        _nodes[2].IsFree = false;
        Assert.False(_turns.TryTake());
        Assert.Equal([true, true, false], _nodes.Select(static node => node.IsFree));
        _nodes[2].IsFree = true;
        Assert.True(_turns.TryTake());
        _turns.GiveBack(Unread.Late);
    }

    [Fact]
    public void Where_bytes_on_a_socket_are_no_sign_of_a_reply_no_thread_is_made_to_step_aside()
    {
        using ScriptedTurn encrypted = new() { HidesSignal = true };
        Assert.False(Of(_nodes[0], encrypted).TryTake());
        Assert.False(_nodes[0].IsAsked);
        Assert.False(encrypted.IsAsked);
        ReadTurns alone = Of(encrypted);
        Assert.True(alone.TryTake());
        alone.GiveBack(Unread.Late);
    }

    [Fact]
    public void Where_a_node_is_over_or_not_there_no_thread_is_made_to_step_aside()
    {
        RespReadTurn? last = _nodes[2];
        ReadTurns turns = new([.. _nodes.Select(node => new TurnChannel(() => node == _nodes[2] ? last : node))]);
        _nodes[2].Ends = true;
        Assert.False(turns.TryTake());
        last = null;
        Assert.False(turns.TryTake());
        Assert.DoesNotContain(_nodes, static node => node.IsAsked);
    }

    // Its new connection has a turn to give while the caller that had the old one's still reads the others.
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_node_that_connects_anew_lets_nobody_in_beside_the_caller_that_reads(int node)
    {
        using ScriptedTurn anew = new();
        bool isAnew = false;
        bool isTaken = true;
        ReadTurns turns = new(
            [.. _nodes.Select(old => new TurnChannel(() => isAnew && old == _nodes[node] ? anew : old))]);
        Assert.True(turns.TryTake());
        _nodes[1].OnRead = () =>
        {
            _nodes[node].Ends = isAnew = true;
            Thread other = new(() => isTaken = turns.TryTake());
            other.Start();
            other.Join();
            _awaiter.AwaitsReplies = false;
        };
        _nodes[1].Send();
        turns.ReadFor(_awaiter, long.MaxValue);
        Assert.False(isTaken);
        Assert.Empty(anew.Calls);
        Assert.True(anew.IsFree);
        Assert.All(_nodes, static old => Assert.Equal("Late", old.Calls[^1]));
        Assert.True(turns.TryTake());
        turns.GiveBack(Unread.Late);
        Assert.Equal(["Late"], anew.Calls);
    }

    // What it blocked for, in a delay function of its own say, nobody would read.
    [Fact]
    public void Whoever_has_the_turns_may_not_block_for_anything_else()
    {
        Assert.True(_turns.TryTake());
        Assert.Throws<InvalidOperationException>(RespThread.ThrowIfMayNotBlock);
        _turns.GiveBack(Unread.Late);
        RespThread.ThrowIfMayNotBlock();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void A_caller_leaves_all_nodes_when_one_of_them_ends_and_says_that_it_still_waits(int node)
    {
        Assert.True(_turns.TryTake());
        _nodes[1].OnRead = () => _nodes[node].Ends = true;
        _nodes[1].Send();
        _turns.ReadFor(_awaiter, long.MaxValue);
        Assert.All(_nodes, static other => Assert.Equal("Awaited", other.Calls[^1]));
    }

    [Fact]
    public void A_socket_that_is_closed_under_the_caller_is_the_end_of_its_reading_and_no_error()
    {
        Assert.True(_turns.TryTake());
        _nodes[0].OnRead = () =>
        {
            _nodes[1].Dispose();
            _nodes[1].Ends = true;
        };
        _nodes[0].Send();
        _turns.ReadFor(_awaiter, long.MaxValue);
        Assert.All(_nodes, static node => Assert.True(node.IsFree));
    }

    [Fact]
    public void A_socket_that_is_closed_before_its_connection_has_ended_is_looked_at_again()
    {
        _nodes[0].OnRead = _nodes[1].Dispose;
        _nodes[0].Send();
        Thread caller = new(() =>
        {
            _turns.TryTake();
            _turns.ReadFor(_awaiter, long.MaxValue);
        }) { IsBackground = true };
        caller.Start();
        Assert.True(SpinWait.SpinUntil(() => _nodes[0].Calls.Contains("read"), Eventually.Patience));
        _nodes[1].Ends = true;
        Assert.True(caller.Join(Eventually.Patience));
        Assert.All(_nodes, static node => Assert.True(node.IsFree));
    }

    [Fact]
    public void No_caller_reads_beyond_its_deadline()
    {
        Assert.True(_turns.TryTake());
        _turns.ReadFor(_awaiter, TimeProvider.System.GetTimestamp() - 1);
        Assert.All(_nodes, static node => Assert.Equal(["begin", "Awaited"], node.Calls));
    }

    [Fact]
    public void An_interrupt_gives_all_turns_back()
    {
        Assert.True(_turns.TryTake());
        _nodes[0].OnRead = static () => Thread.CurrentThread.Interrupt();
        _nodes[0].Send();
        Assert.Throws<ThreadInterruptedException>(() => _turns.ReadFor(_awaiter, long.MaxValue));
        Assert.All(_nodes, static node => Assert.Equal("Awaited", node.Calls[^1]));
        Assert.Equal(RespThreadRole.None, RespThread.Role);
    }

    private static ReadTurns Of(params ScriptedTurn[] nodes) =>
        new([.. nodes.Select(static node => new TurnChannel(() => node))]);
}
