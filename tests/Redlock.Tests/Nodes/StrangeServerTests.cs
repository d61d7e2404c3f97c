using System.Net;
using System.Net.Sockets;

namespace Redlock.Fast.Tests;

public class StrangeServerTests(SharedNodes shared)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task One_that_accepts_and_is_silent() => LocksBesideAsync(
        StrangeServer.Silent(), "no reply within the node's time limit", "not connected yet", "did not complete a connection");

    [Fact]
    public Task One_that_speaks_HTTP() => LocksBesideAsync(
        StrangeServer.Saying("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"), "does not speak RESP2");

    [Fact]
    public Task One_that_speaks_garbage() =>
        LocksBesideAsync(StrangeServer.Saying("\u0001\u0002\u00ff\u00fe garbage \r\n"), "does not speak RESP2");

    [Fact]
    public Task One_that_closes_amid_a_reply() =>
        LocksBesideAsync(StrangeServer.AnsweringSet("$5\r\nab\0"), "closed the connection in the middle of a reply");

    [Fact]
    public Task One_that_closes_in_place_of_a_reply() => LocksBesideAsync(StrangeServer.AnsweringSet("\0"), "closed the connection");

    [Fact]
    public Task One_that_answers_a_SET_with_a_number() =>
        LocksBesideAsync(StrangeServer.AnsweringSet(":1\r\n"), "unexpected kind (Integer): 1");

    [Fact]
    public async Task Nobody_at_all()
    {
        using TcpListener taken = new(IPAddress.Loopback, 0);
        taken.Start();
        string endpoint = taken.LocalEndpoint.ToString()!;
        taken.Stop();
        await LocksBesideAsync(endpoint, "TCP connect failed");
    }

    private async Task LocksBesideAsync(ScriptedServer server, params string[] explanations)
    {
        await using (server)
        {
            await LocksBesideAsync(server.Endpoint, explanations);
        }
    }

    private async Task LocksBesideAsync(string strange, params string[] explanations)
    {
        string[] good = await shared.EndpointsAsync(2);
        using RedlockFactory factory = RedlockFactory.Create(good[0], strange, good[1]);
        await factory.WaitUntilConnectedAsync(Token);
        MutexOptions options = MutexOptions.NonBlocking with
        {
            Expiry = TimeSpan.FromMinutes(1),
            NodeTimeLimit = TimeSpan.FromMilliseconds(500),
        };
        RedlockMutex mutex = factory.CreateMutex(Inspection.NewName(), options);
        for (int cycle = 0; cycle < 20; cycle++)
        {
            LockResult taken = await mutex.TryLockAsync(Token).AsTask().SoonAsync();
            Assert.True(taken.IsAcquired, string.Join("; ", mutex.LastAttemptByAnyone));
            Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(taken.Token, Token).AsTask().SoonAsync());
        }

        // Only who needs all three hears what the strange one has to say.
        RedlockMutex all = factory.CreateMutex(Inspection.NewName(), options with { Quorum = 3 });
        await Eventually.Holds(async () =>
        {
            LockResult refused = await all.TryLockAsync(Token).AsTask().SoonAsync();
            Assert.Equal(LockStatus.Unavailable, refused.Status);
            NodeOutcome outcome = all.LastAttemptByAnyone[1];
            Assert.Equal(NodeVote.Failed, outcome.Vote);
            Assert.Contains(strange, outcome.Error, StringComparison.Ordinal);
            return explanations.Any(explanation => outcome.Error!.Contains(explanation, StringComparison.Ordinal));
        }, $"the outcome says '{explanations[0]}'; the last one: {all.LastAttemptByAnyone[1]}");
        Assert.All(await StoredOnGoodNodesAsync(factory, all.Name), Assert.Null);
    }

    private static async Task<string?[]> StoredOnGoodNodesAsync(RedlockFactory factory, string name) =>
        [(await factory.Node(0).SendAsync("GET", name)).AsString(), (await factory.Node(2).SendAsync("GET", name)).AsString()];
}
