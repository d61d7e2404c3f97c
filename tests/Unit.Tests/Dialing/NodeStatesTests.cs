using System.Collections.Concurrent;
using Redlock.Fast.Resp;

namespace Redlock.Fast.Unit.Tests;

public sealed class NodeStatesTests
{
    [Fact]
    public void What_changes_while_one_is_told_is_told_behind_it()
    {
        List<RespNodeState> told = [];
        NodeStates states = null!;
        states = new NodeStates(new TellingObserver(state =>
        {
            if (state == RespNodeState.Connected)
            {
                Assert.True(states.TryMove(RespNodeState.Disposed));
                Assert.Equal(RespNodeState.Disposed, states.Current);
            }

            told.Add(state);
        }));
        Assert.True(states.TryMove(RespNodeState.Connected));
        Assert.Equal([RespNodeState.Connected, RespNodeState.Disposed], told);
        Assert.False(states.TryMove(RespNodeState.Disconnected));
        Assert.Equal(2, told.Count);
    }

    [Fact]
    public void A_disposal_during_the_telling_of_a_connection_is_told_last()
    {
        using ManualResetEventSlim telling = new();
        using ManualResetEventSlim disposed = new();
        ConcurrentQueue<RespNodeState> told = new();
        NodeStates states = new(new TellingObserver(state =>
        {
            if (state == RespNodeState.Connected)
            {
                telling.Set();
                Assert.True(disposed.Wait(Eventually.Patience, TestContext.Current.CancellationToken));
            }

            told.Enqueue(state);
        }));
        Thread reader = new(() => states.TryMove(RespNodeState.Connected));
        reader.Start();
        Assert.True(telling.Wait(Eventually.Patience, TestContext.Current.CancellationToken));
        Assert.True(states.TryMove(RespNodeState.Disposed));
        disposed.Set();
        Assert.True(reader.Join(Eventually.Patience));
        Assert.Equal([RespNodeState.Connected, RespNodeState.Disposed], told);
    }
}
