using Redlock.Fast;
using Redlock.Fast.Fencing;
using Redlock.Fast.Testing;

// What a fencing token is for, told twice: a holder that was frozen beyond its expiry writes all the same.
// Exits 0 if an update is lost without the token and none with it, else 1.
const int asTold = 0;
const int otherwise = 1;
const long pieces = 10;

using InMemoryNode first = InMemoryNode.Start();
using InMemoryNode second = InMemoryNode.Start();
using InMemoryNode third = InMemoryNode.Start();
await using RedlockFactory factory = RedlockFactory.Create(first.Endpoint, second.Endpoint, third.Endpoint);
await factory.WaitUntilConnectedAsync();
MutexOptions options = MutexOptions.Blocking with { Expiry = TimeSpan.FromMilliseconds(300) };

bool isLostWithout;
using (Stock stock = new(pieces))
{
    isLostWithout = await new Story(factory.CreateMutex("stock-of-shop-1", options), stock).WithoutTokenAsync();
}

Console.WriteLine();
bool isLostWith;
using (Stock stock = new(pieces))
{
    isLostWith = await new Story(factory.CreateMutex("stock-of-shop-2", options with { Fenced = true }), stock).WithTokenAsync();
}

return isLostWithout && !isLostWith ? asTold : otherwise;
