namespace Redlock.Fast.DistributedLock.Tests;

public sealed class OneInMemoryNodeTests(OneInMemoryNode nodes) : DistributedLockContract(nodes), IClassFixture<OneInMemoryNode>;

public sealed class OneServerTests(OneServer nodes) : DistributedLockContract(nodes), IClassFixture<OneServer>;

public sealed class ServerWithPrefixTests(ServerWithPrefix nodes) : DistributedLockContract(nodes), IClassFixture<ServerWithPrefix>;

public sealed class ThreeServersTests(ThreeServers nodes) : DistributedLockContract(nodes), IClassFixture<ThreeServers>;

public sealed class ThreeServersOneDeadTests(ThreeServersOneDead nodes)
    : DistributedLockContract(nodes), IClassFixture<ThreeServersOneDead>;
