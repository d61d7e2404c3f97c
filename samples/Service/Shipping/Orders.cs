using System.Globalization;
using Redlock.Fast.Extensions;

namespace Redlock.Fast.Service;

/// <summary>The open orders.</summary>
internal sealed class Orders(ILockProvider locks)
{
    public IReadOnlyList<Order> All { get; } =
    [
        .. from id in (int[])[4711, 4712, 4713]
           select new Order(id, locks.CreateMutex(string.Create(CultureInfo.InvariantCulture, $"order:{id}"))),
    ];

    public Order? Find(int id) => All.FirstOrDefault(order => order.Id == id);
}
