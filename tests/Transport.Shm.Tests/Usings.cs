global using Omnisight.TestKit;
global using Omnisight.Transport.Shm;
global using Shouldly;
global using Xunit;
