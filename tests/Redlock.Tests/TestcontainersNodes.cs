using System.Runtime.CompilerServices;
using Testcontainers.Redis;

namespace Redlock.Fast.Tests;

/// <summary>Gives the tests nodes in containers: compiled with <c>-p:UseTestcontainers=true</c> only.</summary>
internal static class TestcontainersNodes
{
    private const string Image = "redis:7";

    // As many as survive the loss of two.
    private const int Count = 5;

    [ModuleInitializer]
    internal static void Start()
    {
        string[] endpoints = new string[Count];
        for (int node = 0; node < Count; node++)
        {
            RedisContainer container = new RedisBuilder().WithImage(Image).Build();

            // No code of this module may run on another thread until its initializer has ended, so nothing here is async.
            container.StartAsync().GetAwaiter().GetResult();
            endpoints[node] = $"{container.Hostname}:{container.GetMappedPublicPort(RedisBuilder.RedisPort)}";
        }

        Environment.SetEnvironmentVariable("REDLOCK_TEST_NODES", string.Join(',', endpoints));
    }
}
