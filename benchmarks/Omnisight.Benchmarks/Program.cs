using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(Omnisight.Benchmarks.KernelPathBenchmarks).Assembly).Run(args);
