using System.Collections.Concurrent;

namespace Redlock.Fast.Unit.Tests;

public class OwnerIdSourceTests
{
    [Fact]
    public void Ids_are_never_given_twice_also_to_many_at_once()
    {
        // Several fills of its buffer, by several callers.
        const int idsEach = 5000;
        OwnerIdSource source = new();
        ConcurrentDictionary<string, bool> seen = new();
        Parallel.For(0, 4, _ =>
        {
            for (int id = 0; id < idsEach; id++)
            {
                LockToken token = source.Next();
                Assert.False(token.IsDefault);
                Assert.Equal(0, token.DeadlineTicks);
                Assert.True(seen.TryAdd(token.Value, true), $"{token} was given twice");
            }
        });
        Assert.Equal(4 * idsEach, seen.Count);
    }

    [Fact]
    public void Two_sources_give_different_ids() => Assert.NotEqual(new OwnerIdSource().Next(), new OwnerIdSource().Next());

    [Fact]
    public void An_id_of_zeros_is_passed_over()
    {
        // It would be a token that says "not held".
        LockToken token = new HalfZeroSource().Next();
        Assert.False(token.IsDefault);
    }

    private sealed class HalfZeroSource : OwnerIdSource
    {
        protected override void Fill(Span<byte> target)
        {
            target.Clear();
            target[(target.Length / 2)..].Fill(1);
        }
    }
}
