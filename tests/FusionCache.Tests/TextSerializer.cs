using System.Text;
using System.Text.Json;
using ZiggyCreatures.Caching.Fusion.Serialization;

namespace Redlock.Fast.FusionCache.Tests;

/// <summary>What a cache needs to store something where another instance finds it.</summary>
internal sealed class TextSerializer : IFusionCacheSerializer
{
    public byte[] Serialize<T>(T? obj) => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(obj));

    public T? Deserialize<T>(byte[] data) => JsonSerializer.Deserialize<T>(data);

    public ValueTask<byte[]> SerializeAsync<T>(T? obj, CancellationToken token = default) => new(Serialize(obj));

    public ValueTask<T?> DeserializeAsync<T>(byte[] data, CancellationToken token = default) => new(Deserialize<T>(data));
}
