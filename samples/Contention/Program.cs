using Redlock.Fast;
using Redlock.Fast.Contention;
using Redlock.Fast.Testing;

// What it means for those who wait that a release wakes them (RedlockOptions.Wakes), seen side by side.
// Exits 0 if everybody had the name once a round and alone, and wakes brought it sooner to other processes, else 1.
const int allKept = 0;
const int somethingBroken = 1;

using InMemoryNode first = InMemoryNode.Start();
using InMemoryNode second = InMemoryNode.Start();
using InMemoryNode third = InMemoryNode.Start();
Screen screen = new();
screen.WriteBeginning();
try
{
    IReadOnlyList<Turn> woken = await Contest.RunAsync([first, second, third], new RedlockOptions());
    screen.WriteLanes("Wakes on", woken);
    IReadOnlyList<Turn> asking = await Contest.RunAsync([first, second, third], new RedlockOptions { Wakes = false });
    screen.WriteLanes("Wakes off", asking);
    screen.WriteFigures(woken, asking);
    IReadOnlyList<string> broken = Promises.Check(woken, asking);
    screen.WriteVerdict(broken);
    return broken.Count == 0 ? allKept : somethingBroken;
}
catch (TimeoutException forgotten)
{
    screen.WriteVerdict([forgotten.Message]);
    return somethingBroken;
}
