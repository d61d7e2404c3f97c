namespace Redlock.Fast.Fuzz;

/// <summary>One thread's share: makes inputs and checks them until it is told to stop, has done its number, or finds a failure.</summary>
internal sealed class FuzzWorker
{
    // So rarely the others are looked at, so that looking costs nothing.
    private const int BatchInputs = 256;

    private readonly Corpus _corpus = new();
    private readonly Specimen _specimen = new();
    private readonly ReaderCheck _check = new();
    private readonly long _share;
    private FuzzRandom _random;
    private long _done;
    private volatile bool _isStopped;

    public FuzzWorker(ulong seed, long share)
    {
        _random = new FuzzRandom(seed);
        _share = share;
    }

    public long Done => Volatile.Read(ref _done);

    public int CorpusSize => _corpus.Count;

    public int Behaviours => _corpus.Behaviours;

    public FuzzFailure? Failure { get; private set; }

    /// <summary>The input being read; only of use to tell on which one a reader hangs.</summary>
    public string Current => FuzzFailure.Literal(_specimen.Bytes);

    public void Stop() => _isStopped = true;

    public void Run()
    {
        while (!_isStopped && _done < _share)
        {
            int batch = (int)Math.Min(BatchInputs, _share - _done);
            for (int input = 0; input < batch; input++)
            {
                Mutator.Make(_specimen, _corpus, ref _random);
                ulong seed = _random.Next();
                if (_check.Check(_specimen.Buffer, _specimen.Length, seed) is { } problem)
                {
                    Failure = new FuzzFailure(_specimen.Bytes.ToArray(), seed, problem);
                    return;
                }

                _corpus.Consider(_specimen.Bytes, _check.Behaviour, ref _random);
            }

            Volatile.Write(ref _done, _done + batch);
        }
    }
}
