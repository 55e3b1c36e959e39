package dev.rewind.autograd.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rewind.autograd.check.CheckResult.Verdict;
import dev.rewind.autograd.check.HandWrittenLstm.Mistake;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HintsTest {
  private static final HandWrittenLstm LSTM = new HandWrittenLstm(5, 6, 2, 3);

  /// What a hint has to say to have named the mistake.

  @Test
  void aRightBackwardPassPasses() {
    assertThat(LSTM.check(Mistake.NONE, 1).run().assertPasses().verdict()).isEqualTo(Verdict.RIGHT);
  }

  @Test
  void p() {
    for (Mistake m : Mistake.values()) { var r=LSTM.check(m, 1).run(); System.out.println(m+"\n"+r.table());
      double[] x=LSTM.point(1); double[] a=LSTM.gradient(x,m), n=LSTM.gradient(x,Mistake.NONE); int[] sizes={24,36,12,60,15,15}; int o=0;
      for (int s : new int[]{24,36,12}) { StringBuilder sb=new StringBuilder(); for(int g=0;g<4;g++){double e=0,q=0;for(int k=0;k<s/4;k++){int ii=o+g*s/4+k;e+=Math.pow(a[ii]-n[ii],2);q+=n[ii]*n[ii];} sb.append(String.format(" %.3f", Math.sqrt(e/q)));} System.out.println(sb); o+=s;}
      StringBuilder sb=new StringBuilder(); for(int t=0;t<6;t++){double e=0,q=0;for(int k=0;k<10;k++){int ii=o+t*10+k;e+=Math.pow(a[ii]-n[ii],2);q+=n[ii]*n[ii];} sb.append(String.format(" %.3f", Math.sqrt(e/q)));} System.out.println("x"+sb);
    }
  }
}
