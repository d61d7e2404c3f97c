namespace Redlock.Fast.Tests;

public class HandleTests(SharedNodes shared)
{
    public static TheoryData<int, Wire> OnEachWire => new()
    {
        { 1, Wire.Tcp }, { 3, Wire.Tcp }, { 5, Wire.Tcp }, { 1, Wire.Unix }, { 3, Wire.Unix }, { 5, Wire.Unix },
    };

    [Theory]
    [MemberData(nameof(OnEachWire))]
    public async Task Leaving_the_block_releases(int nodes, Wire wire)
    {
        using RedlockFactory factory = await shared.ConnectAsync(nodes, wire);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(name);
        await using (LockHandle held = await mutex.LockAsync(TestContext.Current.CancellationToken))
        {
            Assert.True(held.IsHeld);
            Assert.Equal(held.Value, held.ToString());
            Assert.InRange(held.Remaining, TimeSpan.FromTicks(1), TimeSpan.FromMilliseconds(7918));
            Assert.All(await factory.StoredAsync(name), value => Assert.Equal(held.Value, value));
        }

        Assert.All(await factory.StoredAsync(name), Assert.Null);
        UseBlocking(mutex);
        Assert.All(await factory.StoredAsync(name), Assert.Null);
    }

    [Fact]
    public async Task Default_holds_nothing_and_lets_nothing_go()
    {
        LockHandle none = default;
        Assert.False(none.IsHeld);
        Assert.Equal(TimeSpan.Zero, none.Remaining);
        Assert.True(none.Token.IsDefault);
        Assert.Equal("not held", none.ToString());
        Assert.True(none == default(LockHandle));
        none.Dispose();
        await none.DisposeAsync();
    }

    [Theory]
    [InlineData(Style.Async)]
    [InlineData(Style.Blocking)]
    public async Task A_copy_and_a_second_disposal_do_no_harm(Style style)
    {
        Calls calls = Calls.In(style);
        using RedlockFactory factory = await shared.ConnectAsync(3);
        string name = Inspection.NewName();
        RedlockMutex mutex = factory.PatientMutex(name);
        LockHandle held = await calls.LockAsync(mutex);
        LockHandle copy = held;
        Assert.True(copy == held);
        Assert.True(copy.Equals((object)held));
        Assert.Equal(held.GetHashCode(), copy.GetHashCode());
        Assert.True(held != default(LockHandle));
        await calls.DisposeAsync(held);
        LockHandle next = await calls.LockAsync(mutex);
        await calls.DisposeAsync(copy);
        await calls.DisposeAsync(held);
        Assert.False(next == held);
        Assert.All(await factory.StoredAsync(name), value => Assert.Equal(next.Value, value));
        await calls.DisposeAsync(next);
    }

    [Theory]
    [InlineData(Style.Async)]
    [InlineData(Style.Blocking)]
    public async Task A_locker_is_enough(Style style)
    {
        using RedlockFactory factory = await shared.ConnectAsync(1);
        string name = Inspection.NewName();
        Assert.Equal(name, await UseAsync(factory.PatientMutex(name), Calls.In(style)));
        Assert.All(await factory.StoredAsync(name), Assert.Null);
    }

    private static async Task<string> UseAsync<TLocker>(TLocker locker, Calls calls)
        where TLocker : ILocker
    {
        LockResult taken = await calls.TryLockAsync(locker);
        Assert.Equal(default, (await calls.TryLockAsync(locker)).Handle);
        await using LockHandle handle = taken.Handle;
        Assert.True(handle.IsHeld);
        Assert.Equal(taken.Token, handle.Token);
        return locker.Name;
    }

    private static void UseBlocking(RedlockMutex mutex)
    {
        using LockHandle held = mutex.Lock(TestContext.Current.CancellationToken);
        Assert.True(held.IsHeld);
    }
}
