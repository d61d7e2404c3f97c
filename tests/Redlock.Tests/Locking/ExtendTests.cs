using Redlock.Fast.Resp;
using Redlock.Fast.Testing;

namespace Redlock.Fast.Tests;

public class ExtendTests(SharedNodes shared)
{
    public static TheoryData<int, Wire, Style> Everywhere => Calls.Everywhere;

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task The_nodes_keep_it_longer_and_the_token_says_so(int nodes, Wire wire, Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory factory = await shared.ConnectAsync(nodes, wire);
        string name = Inspection.NewName();
        RedlockMutex brief = factory.PatientMutex(name, MutexOptions.NonBlocking with { Expiry = TimeSpan.FromSeconds(60) });
        RedlockMutex lasting = factory.PatientMutex(name, MutexOptions.NonBlocking with { Expiry = TimeSpan.FromHours(1) });
        LockResult taken = await calls.TryLockAsync(brief);
        ExtendResult extended = await calls.ExtendAsync(lasting, taken.Token);
        Assert.True(extended.IsExtended);
        Assert.Equal(taken.Token.Value, extended.Token.Value);
        Assert.InRange(lasting.Remaining(extended.Token), TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(60 * 0.99));
        Assert.All(await factory.TimeToLiveAsync(name), milliseconds => Assert.InRange(milliseconds, 1_800_000, 3_600_000));
        Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(brief, extended.Token));
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task A_shorter_expiry_shortens_neither_the_keys_nor_the_token(int nodes, Wire wire, Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory factory = await shared.ConnectAsync(nodes, wire);
        string name = Inspection.NewName();
        RedlockMutex lasting = factory.PatientMutex(name, MutexOptions.NonBlocking with { Expiry = TimeSpan.FromHours(1) });
        RedlockMutex brief = factory.PatientMutex(name, MutexOptions.NonBlocking with { Expiry = TimeSpan.FromSeconds(60) });
        LockResult taken = await calls.TryLockAsync(lasting);
        ExtendResult extended = await calls.ExtendAsync(brief, taken.Token);
        Assert.Equal(ExtendStatus.Extended, extended.Status);
        Assert.All(await factory.TimeToLiveAsync(name), milliseconds => Assert.InRange(milliseconds, 1_800_000, 3_600_000));
        Assert.InRange(brief.Remaining(extended.Token), TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(60 * 0.99));
        Assert.InRange(lasting.Remaining(taken.Token), TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(60 * 0.99));

        // Another process knows the owner alone, and relies on no more than its own expiry.
        ExtendResult received = await calls.ExtendAsync(brief, LockToken.Parse(taken.Token.Value));
        Assert.Equal(ExtendStatus.Extended, received.Status);
        Assert.InRange(brief.Remaining(received.Token), TimeSpan.FromTicks(1), TimeSpan.FromSeconds(60 * 0.99));
        Assert.All(await factory.TimeToLiveAsync(name), milliseconds => Assert.InRange(milliseconds, 1_800_000, 3_600_000));
        Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(brief, extended.Token));
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task A_key_without_an_expiry_gets_one(int nodes, Wire wire, Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory factory = await shared.ConnectAsync(nodes, wire);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(name, MutexOptions.NonBlocking with { Expiry = TimeSpan.FromSeconds(60) });
        LockResult taken = await calls.TryLockAsync(mutex);
        await factory.AskAllAsync("PERSIST", name);
        Assert.All(await factory.TimeToLiveAsync(name), milliseconds => Assert.Equal(-1, milliseconds));
        ExtendResult extended = await calls.ExtendAsync(mutex, taken.Token);
        Assert.Equal(ExtendStatus.Extended, extended.Status);
        Assert.All(await factory.TimeToLiveAsync(name), milliseconds => Assert.InRange(milliseconds, 1, 60_000));
        Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, extended.Token));
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task What_was_lost_is_not_taken_again(int nodes, Wire wire, Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory factory = await shared.ConnectAsync(nodes, wire);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(name, MutexOptions.NonBlocking with { Expiry = TimeSpan.FromMinutes(1) });
        LockResult lost = await calls.TryLockAsync(mutex);
        await factory.AskAllAsync("DEL", name);
        ExtendResult refused = await calls.ExtendAsync(mutex, lost.Token);
        Assert.Equal(ExtendStatus.NotHeld, refused.Status);
        Assert.True(refused.Token.IsDefault);
        Assert.All(await factory.StoredAsync(name), Assert.Null);

        LockResult next = await calls.TryLockAsync(mutex);
        await factory.AskAllAsync("PEXPIRE", name, "50000");
        Assert.Equal(ExtendStatus.NotHeld, (await calls.ExtendAsync(mutex, lost.Token)).Status);
        Assert.All(await factory.StoredAsync(name), value => Assert.Equal(next.Token.Value, value));
        Assert.All(await factory.TimeToLiveAsync(name), milliseconds => Assert.InRange(milliseconds, 1, 50_000));
        Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, next.Token));
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task After_the_deadline_it_is_refused_though_the_key_is_there(int nodes, Wire wire, Style style)
    {
        Calls calls = Calls.In(style);
        ManualTimeProvider clock = new();
        clock.Advance(TimeSpan.FromSeconds(1));
        using RedlockFactory factory = await shared.ConnectAsync(
            nodes, wire, new RedlockOptions { Node = new RespNodeOptions { TimeProvider = clock } });
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(name, MutexOptions.NonBlocking with { Expiry = TimeSpan.FromMinutes(10) });
        LockResult taken = await calls.TryLockAsync(mutex);

        // What is asked behind the SETs is answered after them, so no node owes a reply when the clock jumps.
        Assert.All(await factory.StoredAsync(name), value => Assert.Equal(taken.Token.Value, value));
        clock.Advance(mutex.Remaining(taken.Token) - TimeSpan.FromTicks(1));
        ExtendResult extended = await calls.ExtendAsync(mutex, taken.Token);
        Assert.True(extended.IsExtended);
        await factory.AskAllAsync("PEXPIRE", name, "300000");

        clock.Advance(mutex.Remaining(extended.Token));
        Assert.Equal(TimeSpan.Zero, mutex.Remaining(extended.Token));
        Assert.Equal(ExtendStatus.NotHeld, (await calls.ExtendAsync(mutex, extended.Token)).Status);
        Assert.All(await factory.StoredAsync(name), value => Assert.Equal(taken.Token.Value, value));
        Assert.All(await factory.TimeToLiveAsync(name), milliseconds => Assert.InRange(milliseconds, 1, 300_000));
        Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(mutex, extended.Token));
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task Ownership_is_handed_over_as_text(int nodes, Wire wire, Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory giver = await shared.ConnectAsync(nodes, wire);
        using RedlockFactory taker = await shared.ConnectAsync(nodes, wire);
        string name = Inspection.NewName();
        RedlockMutex given = giver.PatientMutex(name);
        RedlockMutex received = taker.PatientMutex(name, MutexOptions.NonBlocking with { Expiry = TimeSpan.FromMinutes(5) });
        string text = (await calls.LockAsync(given)).Value;
        Assert.All(await giver.StoredAsync(name), value => Assert.Equal(text, value));

        LockToken parsed = LockToken.Parse(text);
        Assert.Equal(TimeSpan.Zero, received.Remaining(parsed));
        ExtendResult extended = await calls.ExtendAsync(received, parsed);
        Assert.True(extended.IsExtended);
        Assert.True(received.Remaining(extended.Token) > TimeSpan.FromMinutes(1));
        Assert.All(await taker.TimeToLiveAsync(name), milliseconds => Assert.InRange(milliseconds, 60_000, 300_000));
        Assert.Equal(UnlockStatus.Released, await calls.UnlockAsync(received, extended.Token));
        Assert.Equal(UnlockStatus.NotHeld, await calls.UnlockAsync(given, LockToken.Parse(text)));
        Assert.Equal(ExtendStatus.NotHeld, (await calls.ExtendAsync(received, LockToken.Parse(text))).Status);
    }
}
