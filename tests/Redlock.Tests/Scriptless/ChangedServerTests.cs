using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

/// <summary>An address behind which the server becomes another one: each connection finds out for itself what it may send.</summary>
public sealed class ChangedServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_connection_learns_anew_what_its_server_has()
    {
        RespNodeOptions options = new()
        {
            ReconnectDelay = TimeSpan.FromMilliseconds(1),
            MaxReconnectDelay = TimeSpan.FromMilliseconds(20),
        };
        InMemoryNode[] servers = [.. Enum.GetValues<InMemoryScripting>().Select(Start)];
        InMemoryNode present = servers[0];
        using RespNode node = new(Dialer.From("moving", _ => ValueTask.FromResult(Volatile.Read(ref present).Connect())), options);
        await using RedlockFactory factory = new(node);
        RedlockMutex mutex = factory.PatientMutex("door", MutexOptions.NonBlocking);

        // From each to each.
        foreach (InMemoryNode from in servers)
        {
            foreach (InMemoryNode to in servers)
            {
                foreach (InMemoryNode next in (InMemoryNode[])[from, to])
                {
                    InMemoryNode left = present;
                    Volatile.Write(ref present, next);
                    left.Stop();
                    left.Restart(NodeData.Lose);
                    await AssertServesAsync(mutex, ScriptingOf(servers, next));
                }
            }
        }

        foreach (InMemoryNode server in servers)
        {
            server.Dispose();
        }
    }

    // A release that is refused is not known to be one; what it left is over with its expiry.
    [Fact]
    public async Task Rights_that_change_under_a_connection_are_found_out_at_the_first_refusal()
    {
        const string Scripts = "+eval +evalsha +script", NoScripts = "-eval -evalsha -script";
        using ScriptlessNodes nodes = await ScriptlessNodes.StartAsync(Scriptless.Server, 1);
        await nodes.PermitAsync(0, Scripts);
        RespNodeOptions options = new() { MaxReconnectDelay = TimeSpan.FromMilliseconds(20) };
        await using RedlockFactory factory = RedlockFactory.Create(new RedlockOptions { Node = options }, nodes.Endpoint(0));
        RedlockMutex mutex = factory.PatientMutex("door", MutexOptions.NonBlocking with { Expiry = TimeSpan.FromSeconds(2) });
        await AssertServesAsync(mutex, InMemoryScripting.Lua);
        foreach (string rights in (string[])[$"{NoScripts} +delifeq", $"{Scripts} -delifeq", $"{NoScripts} +delifeq"])
        {
            LockResult taken = await mutex.TryLockAsync(Token);
            Assert.True(taken.IsAcquired);
            await nodes.PermitAsync(0, rights);
            Assert.Equal(UnlockStatus.Unknown, await mutex.UnlockAsync(taken.Token, Token));
            Assert.Contains("NOPERM", Assert.Single(mutex.LastAttemptByAnyone).Error, StringComparison.Ordinal);
            await AssertServesAsync(mutex, InMemoryScripting.ValkeyCommands);
        }

        // Nor does it take any more what it could not give back.
        await nodes.PermitAsync(0, $"{NoScripts} -delifeq");
        await Eventually.Holds(
            async () =>
            {
                LockResult taken = await mutex.TryLockAsync(Token);
                await mutex.UnlockAsync(taken.Token, Token);
                return !taken.IsAcquired && mutex.LastAttemptByAnyone[0].Error?.Contains("runs no scripts for this client") == true;
            },
            "it is refused");
    }

    [Fact]
    public async Task The_rights_that_the_page_names_are_enough()
    {
        string page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", "servers.md"));
        Assert.Contains("An access list needs `+set +delifeq` (or `+delex`) in place of", page, StringComparison.Ordinal);
        using ScriptlessNodes nodes = await ScriptlessNodes.StartAsync(Scriptless.Server, 1);
        await nodes.PermitAsync(0, "-@all resetchannels resetkeys ~door +set +delifeq");
        await using RedlockFactory factory = RedlockFactory.Create(nodes.Endpoint(0));
        await AssertServesAsync(factory.PatientMutex("door", MutexOptions.NonBlocking), InMemoryScripting.ValkeyCommands);
    }

    private static InMemoryNode Start(InMemoryScripting scripting) =>
        InMemoryNode.Start(new InMemoryNodeOptions { Transports = InMemoryTransports.PipesOnly, Scripting = scripting });

    private static InMemoryScripting ScriptingOf(InMemoryNode[] servers, InMemoryNode server) =>
        (InMemoryScripting)Array.IndexOf(servers, server);

    private static async Task AssertServesAsync(RedlockMutex mutex, InMemoryScripting scripting)
    {
        LockResult taken = default;
        if (scripting == InMemoryScripting.Nothing)
        {
            await Eventually.Holds(
                async () =>
                {
                    taken = await mutex.TryLockAsync(Token);
                    return !taken.IsAcquired && mutex.LastAttemptByAnyone[0].Vote == NodeVote.Misconfigured;
                },
                "it is refused");
            string error = Assert.IsType<string>(mutex.LastAttemptByAnyone[0].Error);
            Assert.Contains("the node runs no scripts for this client: EVALSHA was refused with \"ERR unknown command", error);
            Assert.Contains("SET with IFEQ was answered with \"ERR syntax error\"", error);
            Assert.Contains("use one that has DELIFEQ (Valkey 9.0) or DELEX (Redis 8.4).", error);
            return;
        }

        await Eventually.Holds(async () => (taken = await mutex.TryLockAsync(Token)).IsAcquired, $"{scripting} grants");
        Assert.True((await mutex.ExtendAsync(taken.Token, Token)).IsExtended, string.Join('\n', mutex.LastAttemptByAnyone));
        Assert.Equal(UnlockStatus.Released, await mutex.UnlockAsync(taken.Token, Token));
    }
}
